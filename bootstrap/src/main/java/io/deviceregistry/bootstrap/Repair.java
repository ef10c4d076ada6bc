package io.deviceregistry.bootstrap;

import io.deviceregistry.application.port.in.RepairSync;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Lets every replica look, one small step at a time, for what is missing at a provider. */
@ApplicationScoped
class Repair {
    private static final Logger LOG = System.getLogger(Repair.class.getName());

    private final RepairSync repair;
    private final ByTheClock clock;

    Repair(RepairSync repair, ByTheClock clock) {
        this.repair = repair;
        this.clock = clock;
    }

    @Scheduled(every = "${registry.sync.repair-interval}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void step() {
        clock.run(this::look);
    }

    private void look() {
        try {
            repair.sweep();
            repair.compareNext();
        } catch (StoreUnavailableException e) {
            LOG.log(
                    Level.WARNING,
                    "The search for what is missing waits for the store: {0}",
                    String.valueOf(e.getCause()));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "A step of the search for what is missing failed", e);
        }
    }
}
