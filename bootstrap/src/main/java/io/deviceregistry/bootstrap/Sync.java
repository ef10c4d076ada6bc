package io.deviceregistry.bootstrap;

import io.deviceregistry.application.port.in.RepairSync;
import io.deviceregistry.application.port.in.SyncDevices;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Breaker;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.application.port.out.Traces;
import io.deviceregistry.application.service.RepairSyncService;
import io.deviceregistry.application.service.SyncEngine;
import io.deviceregistry.application.service.SyncOperations;
import io.deviceregistry.application.service.SyncSettings;
import io.deviceregistry.application.service.SyncWorkers;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Random;
import java.util.random.RandomGenerator;

/** Builds the sync engine and keeps it running while the application runs. */
@ApplicationScoped
class Sync {
    /** Shared by all workers, so of the one kind that is safe for it. */
    private static final RandomGenerator RANDOM = new Random();

    @Produces
    @Singleton
    SyncDevices syncDevices(
            @Any Instance<DeviceProvider> providers,
            SyncLedger ledger,
            ProviderGate gate,
            Traces traces,
            SyncConfig config) {
        return new SyncEngine(
                providers.stream().toList(),
                ledger,
                gate,
                new SyncSettings(
                        config.lease(),
                        config.settlingDelay(),
                        config.backoffBase(),
                        config.backoffCap(),
                        config.maxStrikes(),
                        config.breakerThreshold(),
                        config.probeInterval(),
                        config.unknownCustomerRetry()),
                RANDOM,
                traces);
    }

    @Produces
    @Singleton
    SyncWorkers syncWorkers(SyncDevices sync, @Any Instance<DeviceProvider> providers, SyncConfig config) {
        return new SyncWorkers(
                sync,
                providers.stream().map(DeviceProvider::id).toList(),
                config.workers(),
                config.pollInterval(),
                Thread.ofVirtual().name("sync-", 0).factory(),
                RANDOM);
    }

    @Produces
    @Singleton
    SyncOperations syncOperations(
            @Any Instance<DeviceProvider> providers,
            SyncLedger ledger,
            SyncRepair repair,
            ProviderGate gate,
            SyncWorkers workers) {
        return new SyncOperations(providers.stream().toList(), ledger, repair, gate, workers::wake);
    }

    @Produces
    @Singleton
    @Startup // so that a bad duration stops the start
    RepairSync repairSync(
            @Any Instance<DeviceProvider> providers,
            SyncRepair repair,
            ProviderGate gate,
            SyncConfig config,
            SyncWorkers workers) {
        ByTheClock.checkInterval("registry.sync.repair-interval", config.repairInterval());
        ByTheClock.checkInterval("registry.sync.metrics-interval", config.metricsInterval());
        return new RepairSyncService(
                providers.stream().toList(),
                repair,
                gate,
                new Breaker(config.breakerThreshold(), config.probeInterval()),
                config.sweepInterval(),
                config.comparisonPace(),
                workers::wake);
    }

    void start(@Observes StartupEvent event, SyncWorkers workers) {
        workers.start();
    }

    /** The last requests go to the provider while those of callers do here, so that one wait is enough for both. */
    void prepareToStop(@Observes ShutdownDelayInitiatedEvent event, SyncWorkers workers) {
        workers.stop();
    }

    void stop(@Observes ShutdownEvent event, SyncWorkers workers) {
        workers.close();
    }
}
