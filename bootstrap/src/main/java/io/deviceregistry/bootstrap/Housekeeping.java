package io.deviceregistry.bootstrap;

import io.deviceregistry.application.port.in.KeepHouse;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Lets the chores be done from time to time, by every replica. */
@ApplicationScoped
class Housekeeping {
    private static final Logger LOG = System.getLogger(Housekeeping.class.getName());

    private final KeepHouse chores;
    private final ByTheClock clock;

    Housekeeping(KeepHouse chores, ByTheClock clock) {
        this.chores = chores;
        this.clock = clock;
    }

    @Scheduled(
            every = "${registry.housekeeping-interval}",
            delayed = "${registry.housekeeping-interval}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void keepHouse() {
        clock.run(this::doChores);
    }

    private void doChores() {
        try {
            while (chores.step() && !clock.isStopping()) {
                LOG.log(Level.DEBUG, "Housekeeping has more to do");
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "Housekeeping failed; it goes on at its next time", e);
        }
    }

    @Scheduled(every = "${registry.maintenance-interval}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void maintain() {
        clock.run(chores::maintain);
    }
}
