package io.deviceregistry.bootstrap.local;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What runs, to be stopped in reverse order, however far the start has come when that is asked for. */
final class StartedParts {

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch stopping = new CountDownLatch(1);

    /**
     * A part that is being started when {@link #stop} is called is started to its end and then stopped; none is left
     * half started.
     *
     * @throws CannotRunException if everything is being stopped
     */
    synchronized <T extends AutoCloseable> T start(Supplier<T> starter) {
        if (stopping.getCount() == 0) {
            throw new CannotRunException("Stopped before everything had started.");
        }
        T part = starter.get();
        parts.push(part);
        return part;
    }

    /** Returns when everything has stopped. A repeated call does nothing. */
    void stop() {
        stopping.countDown();
        stopAll();
    }

    /** Whether a stop has been asked for, or is within the time. */
    boolean stopsWithin(Duration patience) throws InterruptedException {
        return stopping.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void stopAll() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                // The others are stopped all the same.
                System.err.println(part.getClass().getSimpleName() + " did not stop cleanly: " + e);
            }
        }
    }
}
