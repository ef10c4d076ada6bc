package io.deviceregistry.bootstrap;

import io.deviceregistry.application.port.in.ImportDevices;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.service.ImportDevicesService;
import io.deviceregistry.application.service.ImportWorkers;
import io.deviceregistry.application.service.RegistryWriter;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** Builds what imports, and keeps it running while the application runs. */
@ApplicationScoped
class Imports {

    @Produces
    @Singleton
    ImportWorkers importWorkers(ImportConfig config) {
        return new ImportWorkers(
                config.workers(), Thread.ofVirtual().name("import-", 0).factory());
    }

    @Produces
    @Singleton
    ImportDevices importDevices(ImportJobs jobs, RegistryWriter writer, RegistryConfig config, ImportWorkers workers) {
        return new ImportDevicesService(
                jobs, writer, UseCases.maxDevices(config), workers::wake, InstantSource.system());
    }

    void start(@Observes StartupEvent event, ImportWorkers workers, ImportDevices imports) {
        workers.start(imports);
    }

    void prepareToStop(@Observes ShutdownDelayInitiatedEvent event, ImportWorkers workers) {
        workers.stop();
    }

    void stop(@Observes ShutdownEvent event, ImportWorkers workers) {
        workers.close();
    }
}
