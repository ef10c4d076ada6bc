package io.deviceregistry.sandbox.bunce;

import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state, the record of requests and the journal, kept in step: one call at a time works out its answer, is written
 * down, and takes effect. A call that cannot be written down has no effect.
 */
final class Ledger implements Closeable {

    private static final int MOST_REQUESTS = 10_000;
    private static final long MOST_CHARACTERS = 64L << 20;

    private final InstantSource clock;
    private final State state = new State();
    private final RequestLog requests = new RequestLog(MOST_REQUESTS, MOST_CHARACTERS);
    private final @Nullable Journal journal;

    Ledger(InstantSource clock, @Nullable Path journal) throws IOException {
        this.clock = clock;
        this.journal = journal == null ? null : Journal.open(journal, this::apply);
    }

    /** Works out the outcome of a call at a time; throws {@link RefusedException} if it cannot be carried out. */
    @FunctionalInterface
    interface Work {
        Outcome run(State state, Instant at);
    }

    synchronized Answer carryOut(Incoming incoming, Instant arrived, Fault.@Nullable Kind fault, Work work)
            throws IOException {
        Instant at = clock.instant();
        Outcome outcome;
        try {
            outcome = work.run(state, at);
        } catch (RefusedException e) {
            outcome = Outcome.unchanged(e.answer());
        }
        Journal.Entry entry = new Journal.Entry(
                new RecordedRequest(
                        arrived,
                        at,
                        incoming.method(),
                        incoming.uri().toString(),
                        incoming.authorized(),
                        incoming.body(),
                        outcome.answer().status(),
                        fault),
                outcome.changes());
        if (journal != null) {
            journal.append(entry);
        }
        apply(entry);
        return outcome.answer();
    }

    synchronized void forget() throws IOException {
        if (journal != null) {
            journal.clear();
        }
        state.clear();
        requests.clear();
    }

    synchronized List<RecordedRequest> requests() {
        return requests.list();
    }

    synchronized Map<String, List<Device>> devices() {
        Map<String, List<Device>> devices = new LinkedHashMap<>();
        state.customers().forEach(customer -> {
            devices.put(customer.customerId(), state.devicesOf(customer.customerId()));
        });
        return devices;
    }

    @Override
    public synchronized void close() throws IOException {
        if (journal != null) {
            journal.close();
        }
    }

    private void apply(Journal.Entry entry) {
        entry.changes().forEach(state::apply);
        requests.add(entry.request());
    }
}
