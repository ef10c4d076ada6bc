package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.adapter.out.postgres.Race.Call;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.TooManyDevicesException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Does with the in-memory registry, one after the other, what was done with another one at the same time. */
final class Replay {
    private static final int SHOWN = 12;
    private static final RequestKey ANY_KEY = new RequestKey("caller", "operation", "key");

    private final Instant begin;
    private final InMemoryRegistry memory = new InMemoryRegistry(this::now);
    private final UseCases useCases;
    private final Map<Integer, Actor> callers = new HashMap<>();
    private final Transcript there;
    private final Transcript here;
    private final Deque<String> latest = new ArrayDeque<>();
    private final List<RoomMade> roomsMade = new ArrayList<>();
    private long order;

    /** A customer lost an active device in a call that ended then. */
    private record RoomMade(CustomerId customer, long ended) {}

    private static final class UndoneException extends RuntimeException {}

    Replay(Instant begin, List<ProviderId> providers, int maxDevices) {
        this.begin = begin;
        Ports ports = new Ports(memory, memory, memory, memory, memory, memory);
        this.useCases = UseCases.over(ports, providers, maxDevices);
        Function<Instant, String> times =
                time -> time.isBefore(begin) ? ChronoUnit.SECONDS.between(begin, time) + "s" : "now";
        this.there = new Transcript(times);
        this.here = new Transcript(times);
    }

    /** What time it was is of no matter, as long as it goes on. */
    private Instant now() {
        return begin.plus(order, ChronoUnit.MICROS);
    }

    /**
     * @return the registry, as it is after all calls
     * @throws AssertionError if a call is answered otherwise here
     */
    UseCases of(List<Call> calls) {
        calls.stream()
                .filter(call -> call.order() != OrderedStore.NEVER)
                .sorted(Comparator.comparingLong(Call::order))
                .forEach(this::repeat);
        order++;
        return useCases;
    }

    private void repeat(Call call) {
        order = call.order();
        Actor actor = callers.computeIfAbsent(call.runner(), _ -> new Actor(useCases, begin));
        if (call.answer() instanceof TooManyDevicesException) {
            repeatRefused(call, actor);
            return;
        }
        Map<CustomerId, Long> before = activeDevices();
        String answer = there.of(call.answer());
        latest.addLast(call.order() + " by " + call.runner() + ": " + call.operation() + "\n    " + answer);
        if (latest.size() > SHOWN) {
            latest.removeFirst();
        }
        assertThat(answer)
                .as("the answer to the last of the calls\n%s\n", String.join("\n", latest))
                .isEqualTo(here.of(actor.does(call.operation())));
        Map<CustomerId, Long> after = activeDevices();
        before.forEach((customer, active) -> {
            if (after.getOrDefault(customer, 0L) < active) {
                roomsMade.add(new RoomMade(customer, call.ended()));
            }
        });
    }

    /**
     * Whoever takes a customer's device away need not wait for what that customer does at the same time, so there it may
     * have been counted still.
     */
    private void repeatRefused(Call call, Actor actor) {
        try {
            memory.exclusively(ANY_KEY, _ -> {
                call.operation().ask(actor);
                throw new UndoneException();
            });
        } catch (TooManyDevicesException e) {
            // As there.
        } catch (UndoneException e) {
            Set<CustomerId> customers = customersOf(call.operation(), actor);
            assertThat(roomsMade)
                    .as("who made room at the same time for %s", call)
                    .anyMatch(room -> room.ended() > call.begun() && customers.contains(room.customer()));
        }
    }

    private static Set<CustomerId> customersOf(Operation operation, Actor actor) {
        return switch (operation) {
            case Operation.Register register -> Set.of(Actor.customer(register.customer()));
            case Operation.Rotate rotate -> Set.of(Actor.customer(rotate.customer()));
            case Operation.Change change -> Set.of(actor.ownerOf(actor.device(change.device())));
            case Operation.Describe describe ->
                describe.customers().stream()
                        .map(one -> Actor.customer(one.customer()))
                        .collect(Collectors.toSet());
            default -> Set.of();
        };
    }

    private Map<CustomerId, Long> activeDevices() {
        return Transcript.devicesOf(useCases).stream()
                .filter(Device::isActive)
                .collect(Collectors.groupingBy(Device::customer, Collectors.counting()));
    }
}
