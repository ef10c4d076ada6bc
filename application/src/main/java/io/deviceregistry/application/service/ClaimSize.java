package io.deviceregistry.application.service;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many customers a worker claims at once: as many as it will have done within a moment, by what the last ones took. A
 * claim is as dear as a quick call, so where calls are quick it is shared; where they are slow, or wait for their turn, none
 * is held up behind another that a worker, or a replica, could take that has nothing to do.
 */
final class ClaimSize {
    /** Short beside the lease, and beside what anybody notices. */
    private static final Duration MOMENT = Duration.ofMillis(250);

    /** Beyond that there is hardly anything to be saved, and after a crash each would be in doubt. */
    static final int MOST = 32;

    /** New durations count with one part in so many. */
    private static final int INERTIA = 4;

    private final AtomicLong nanosEach = new AtomicLong(MOMENT.toNanos());

    int next() {
        return Math.clamp(MOMENT.toNanos() / Math.max(nanosEach.get(), 1), 1, MOST);
    }

    void took(int customers, long nanos) {
        long each = nanos / customers;
        nanosEach.updateAndGet(before -> before + (each - before) / INERTIA);
    }
}
