package io.deviceregistry.application.service;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Whether this process saw a provider take something lately. If it did, a device that fails is itself to blame; if not,
 * the provider is out of order, which is no reason to give anything up.
 */
final class ProviderHealth {
    /** Shorter than it takes a device to use up what it may fail, so that the first minute of an outage parks nothing. */
    private static final long LATELY_NANOS = 60_000_000_000L;

    private final LongSupplier nanoTime;
    private final AtomicLong lastSeenWell;

    ProviderHealth(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.lastSeenWell = new AtomicLong(nanoTime.getAsLong() - LATELY_NANOS);
    }

    void seenWell() {
        lastSeenWell.set(nanoTime.getAsLong());
    }

    boolean isWell() {
        return nanoTime.getAsLong() - lastSeenWell.get() < LATELY_NANOS;
    }
}
