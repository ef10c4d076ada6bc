package io.deviceregistry.bootstrap;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduler;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Where the jobs run that the scheduler starts, which waits for nothing by itself: none begins before the adapters are
 * ready, however long the schema and the keys take; and when the application stops, none begins any more, and those under
 * way are waited for, since a comparison holds a lease.
 */
@ApplicationScoped
class ByTheClock {
    /** The scheduler looks so often what is due. */
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    /** Held for reading by each job, and for writing from the stop on. */
    private final ReadWriteLock jobs = new ReentrantReadWriteLock();

    private volatile boolean stopping;

    /** @throws IllegalArgumentException naming the key, if the scheduler cannot keep to such an interval */
    static void checkInterval(String key, Duration interval) {
        if (interval.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException(key + " must be at least a second");
        }
    }

    void run(Runnable job) {
        if (stopping || !jobs.readLock().tryLock()) {
            return;
        }
        try {
            job.run();
        } finally {
            jobs.readLock().unlock();
        }
    }

    boolean isStopping() {
        return stopping;
    }

    /** After all others who prepare something; until now the scheduler is halted. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_AFTER) StartupEvent event, Scheduler scheduler) {
        scheduler.resume();
    }

    void prepareToStop(@Observes ShutdownDelayInitiatedEvent event, Scheduler scheduler) {
        stopping = true;
        scheduler.pause();
    }

    void stop(@Observes ShutdownEvent event) {
        stop();
    }

    void stop() {
        stopping = true;
        jobs.writeLock().lock();
    }
}
