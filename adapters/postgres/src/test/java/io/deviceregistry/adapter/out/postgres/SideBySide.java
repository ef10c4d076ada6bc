package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Does operations with the in-memory registry and with the one in the database, and compares. */
final class SideBySide {
    /** A sequence that took longer proves nothing: see {@link RandomOperations}. */
    private static final Duration DETERMINED = Duration.ofSeconds(15);

    private final TestDatabase database;
    private final Ports ports;
    private final int maxDevices;
    private final List<ProviderId> providers;

    SideBySide(TestDatabase database, Ports ports, int maxDevices, int providers) {
        this.database = database;
        this.ports = ports;
        this.maxDevices = maxDevices;
        this.providers = IntStream.range(0, providers)
                .mapToObj(n -> new ProviderId("p" + n))
                .toList();
    }

    /** Where the two stopped to agree; the operation's number is that of the whole sequence if it was the state. */
    record Difference(
            int operation,
            String inMemory,
            String inPostgres,
            @Nullable RuntimeException failure) {}

    /** Both begin empty. */
    Optional<Difference> of(List<Operation> operations) {
        database.empty();
        InMemoryRegistry memory = new InMemoryRegistry(InstantSource.system());
        Timeline timeline = new Timeline(Instant.now().truncatedTo(ChronoUnit.SECONDS));
        Ports inMemoryPorts = new Ports(memory, memory, memory, memory, memory, memory);
        Side inMemory = new Side(UseCases.over(inMemoryPorts, providers, maxDevices), timeline);
        Side inPostgres = new Side(UseCases.over(ports, providers, maxDevices), timeline);
        Optional<Difference> difference = Optional.empty();
        for (int i = 0; i < operations.size() && difference.isEmpty(); i++) {
            timeline.begins(i);
            difference = difference(i, inMemory.does(operations.get(i)), inPostgres.does(operations.get(i)));
        }
        if (difference.isEmpty()) {
            difference = difference(operations.size(), inMemory.state(), inPostgres.state());
        }
        return timeline.age().compareTo(DETERMINED) > 0 ? Optional.empty() : difference;
    }

    private static Optional<Difference> difference(int operation, Answer inMemory, Answer inPostgres) {
        return inMemory.lines().equals(inPostgres.lines())
                ? Optional.empty()
                : Optional.of(new Difference(
                        operation, inMemory.without(inPostgres), inPostgres.without(inMemory), inPostgres.failure()));
    }

    private record Answer(List<String> lines, @Nullable RuntimeException failure) {
        String without(Answer other) {
            List<String> own = new ArrayList<>(lines);
            own.removeAll(other.lines);
            return String.join("\n", own);
        }
    }

    private static final class Side {
        private final Actor actor;
        private final Transcript transcript;

        Side(UseCases useCases, Timeline timeline) {
            this.actor = new Actor(useCases, timeline.begin);
            this.transcript = new Transcript(timeline::name);
        }

        Answer does(Operation operation) {
            try {
                return new Answer(List.of(transcript.of(actor.does(operation))), null);
            } catch (RuntimeException e) {
                return new Answer(List.of("failed: " + e), e);
            }
        }

        Answer state() {
            return new Answer(transcript.stateOf(actor.useCases), null);
        }
    }

    /** Times before the beginning were told by messages; those after it are now, during one operation. */
    private static final class Timeline {
        private final Instant begin;
        private final NavigableMap<Instant, Integer> operations = new TreeMap<>();

        Timeline(Instant begin) {
            this.begin = begin;
        }

        void begins(int operation) {
            // What is written blindly may bear a time from just before it, which is not to be one of the operation
            // before.
            Instant next = Instant.now().plus(BlindWrites.MOST_LATE);
            while (Instant.now().isBefore(next)) {
                LockSupport.parkNanos(BlindWrites.MOST_LATE.toNanos());
            }
            // The database's clock is the same one, without the nanoseconds.
            operations.put(Instant.now().truncatedTo(ChronoUnit.MICROS), operation);
        }

        Duration age() {
            return Duration.between(begin, Instant.now());
        }

        String name(Instant time) {
            if (time.isBefore(begin)) {
                return Duration.between(begin, time).toString();
            }
            if (time.isAfter(begin.plus(Syncing.LONG))) {
                return name(time.minus(Syncing.LONG)) + "+" + Syncing.LONG;
            }
            var during = operations.floorEntry(time.plus(BlindWrites.MOST_LATE));
            return during == null ? "early" : "now" + during.getValue();
        }
    }
}
