package io.deviceregistry.application.service;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes workers that wait for something to do. */
final class Alarm {
    private final int workers;
    private final Semaphore semaphore = new Semaphore(0);

    Alarm(int workers) {
        this.workers = workers;
    }

    /** Lets one of them look for work at once. Does not block. */
    void ring() {
        // More permits than workers would only make them look in vain later.
        if (semaphore.availablePermits() < workers) {
            semaphore.release();
        }
    }

    void ringForAll() {
        semaphore.release(workers);
    }

    /** Returns when it rang, or after so many milliseconds. */
    void await(long millis) throws InterruptedException {
        boolean _ = semaphore.tryAcquire(millis, TimeUnit.MILLISECONDS);
    }
}
