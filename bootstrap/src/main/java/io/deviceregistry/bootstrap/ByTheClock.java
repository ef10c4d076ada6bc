package io.deviceregistry.bootstrap;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Where the jobs run that the scheduler starts, which waits for none of them: when the application stops, none begins any
 * more, and those under way are waited for, since a comparison holds a lease.
 */
@ApplicationScoped
class ByTheClock {
    /** Held for reading by each job, and for writing from the stop on. */
    private final ReadWriteLock jobs = new ReentrantReadWriteLock();

    private volatile boolean stopping;

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
