package io.deviceregistry.application.service;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wakes workers that wait for something to do. Of all who wait one keeps watch, which is to look by itself after a while:
 * what nobody rings for is found as soon, and asked for no oftener, however many wait.
 */
final class Alarm {
    private final int workers;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int rings;
    private int waiting;
    private boolean watched;

    Alarm(int workers) {
        this.workers = workers;
    }

    /** Lets one of them look for work at once, or the next one that would wait. Does not block. */
    void ring() {
        ring(false);
    }

    /** Lets one of them look for work at once, if any waits. Does not block. */
    void ringForIdle() {
        ring(true);
    }

    private void ring(boolean onlyForIdle) {
        lock.lock();
        try {
            // More rings than workers would only make them look in vain later.
            if (rings < (onlyForIdle ? waiting : workers)) {
                rings++;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets nobody wait. */
    void ringForAll() {
        for (int i = 0; i < workers; i++) {
            ring();
        }
    }

    /** Returns when it rang, or, to the one that keeps watch, after so many milliseconds. */
    void await(long millis) throws InterruptedException {
        lock.lock();
        waiting++;
        try {
            while (rings == 0) {
                if (watched) {
                    changed.await();
                    continue;
                }
                watched = true;
                try {
                    if (!changed.await(millis, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                } finally {
                    watched = false;
                    // For somebody to follow.
                    changed.signal();
                }
            }
            rings--;
        } finally {
            waiting--;
            lock.unlock();
        }
    }
}
