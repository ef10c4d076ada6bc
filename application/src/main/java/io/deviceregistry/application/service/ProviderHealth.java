package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.domain.ProviderId;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What this process sees of one provider. */
final class ProviderHealth {
    /** Shorter than it takes a device to use up what it may fail, so that the first minute of an outage parks nothing. */
    private static final long LATELY_NANOS = 60_000_000_000L;

    /** Requests are told of in so long, so that telling costs nothing. */
    private static final long BETWEEN_COUNTS_NANOS = 5_000_000_000L;

    private final LongSupplier nanoTime;
    private final AtomicLong lastSeenWell;
    private final AtomicLong lastCounted;
    private final LongAdder sent = new LongAdder();
    private final LongAdder failed = new LongAdder();

    ProviderHealth(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.lastSeenWell = new AtomicLong(nanoTime.getAsLong() - LATELY_NANOS);
        this.lastCounted = new AtomicLong(nanoTime.getAsLong());
    }

    void seenWell() {
        lastSeenWell.set(nanoTime.getAsLong());
    }

    /**
     * Whether the provider was seen to take something lately. If it did, a device that fails is itself to blame; if not,
     * the provider is out of order, which is no reason to give anything up.
     */
    boolean isWell() {
        return nanoTime.getAsLong() - lastSeenWell.get() < LATELY_NANOS;
    }

    void count(boolean taken) {
        sent.increment();
        if (!taken) {
            failed.increment();
        }
    }

    /** Tells the gate of the requests since it was last told, if that is a while ago. */
    void tell(ProviderGate gate, ProviderId provider) {
        long last = lastCounted.get();
        long now = nanoTime.getAsLong();
        if (now - last >= BETWEEN_COUNTS_NANOS && sent.sum() > 0 && lastCounted.compareAndSet(last, now)) {
            gate.count(provider, sent.sumThenReset(), failed.sumThenReset());
        }
    }
}
