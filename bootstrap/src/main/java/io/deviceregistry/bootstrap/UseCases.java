package io.deviceregistry.bootstrap;

import io.deviceregistry.application.port.in.AnswerOnce;
import io.deviceregistry.application.port.in.ChangeDevice;
import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.in.InspectEncryption;
import io.deviceregistry.application.port.in.InspectLookupKey;
import io.deviceregistry.application.port.in.KeepHouse;
import io.deviceregistry.application.port.in.ManageCustomers;
import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.in.RemoveDevice;
import io.deviceregistry.application.port.in.ReportInvalidDevices;
import io.deviceregistry.application.port.in.RotateLookupKey;
import io.deviceregistry.application.port.out.ApiKeyStore;
import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.LookupKeyRotation;
import io.deviceregistry.application.port.out.Traces;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.application.service.AnswerOnceService;
import io.deviceregistry.application.service.ApiKeyService;
import io.deviceregistry.application.service.ChangeDeviceService;
import io.deviceregistry.application.service.FindDevicesService;
import io.deviceregistry.application.service.HousekeepingService;
import io.deviceregistry.application.service.HousekeepingSettings;
import io.deviceregistry.application.service.ManageCustomersService;
import io.deviceregistry.application.service.ReadChangesService;
import io.deviceregistry.application.service.RegisterDevicesService;
import io.deviceregistry.application.service.RegistryWriter;
import io.deviceregistry.application.service.RemoveDeviceService;
import io.deviceregistry.application.service.ReportInvalidDevicesService;
import io.deviceregistry.application.service.SyncWorkers;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceTypes;
import io.deviceregistry.domain.InvalidValueException;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** Builds what callers use. */
@ApplicationScoped
class UseCases {

    @Produces
    @Singleton
    RegistryWriter registryWriter(
            DeviceStore store, @Any Instance<DeviceProvider> providers, SyncWorkers workers, Traces traces) {
        return new RegistryWriter(store, providers.stream().toList(), workers::wake, traces);
    }

    static int maxDevices(RegistryConfig config) {
        if (config.maxDevicesPerCustomer() < 1) {
            throw new IllegalArgumentException("registry.max-devices-per-customer must be at least 1");
        }
        return config.maxDevicesPerCustomer();
    }

    @Produces
    @Singleton
    @Startup // so that a bad limit stops the start
    RegisterDevices registerDevices(RegistryWriter writer, RegistryConfig config) {
        return new RegisterDevicesService(writer, maxDevices(config), config.idempotencyRetention());
    }

    @Produces
    @Singleton
    ChangeDevice changeDevice(RegistryWriter writer, RegistryConfig config) {
        return new ChangeDeviceService(writer, maxDevices(config));
    }

    @Produces
    @Singleton
    RemoveDevice removeDevice(RegistryWriter writer) {
        return new RemoveDeviceService(writer);
    }

    @Produces
    @Singleton
    ReportInvalidDevices reportInvalidDevices(RegistryWriter writer) {
        return new ReportInvalidDevicesService(writer);
    }

    @Produces
    @Singleton
    ManageCustomers manageCustomers(
            RegistryWriter writer, CustomerStore store, RegistryConfig config, SyncWorkers workers) {
        return new ManageCustomersService(writer, store, maxDevices(config), workers::wake);
    }

    @Produces
    @Singleton
    AnswerOnce answerOnce(IdempotencyRecords records, RegistryConfig config, SyncWorkers workers) {
        return new AnswerOnceService(records, config.idempotencyRetention(), workers::wake);
    }

    @Produces
    @Singleton
    @Startup // so that a bad duration stops the start
    KeepHouse keepHouse(
            Upkeep upkeep,
            ImportJobs imports,
            RegistryWriter writer,
            RegistryConfig config,
            ImportConfig importConfig,
            DeviceTypes types) {
        ByTheClock.checkInterval("registry.housekeeping-interval", config.housekeepingInterval());
        ByTheClock.checkInterval("registry.maintenance-interval", config.maintenanceInterval());
        return new HousekeepingService(
                upkeep,
                imports,
                writer,
                new HousekeepingSettings(
                        StaleAfter.parse(config.staleAfter().orElse(List.of()), types),
                        config.staleCheckInterval(),
                        config.removedRetention(),
                        config.idempotencyRetention(),
                        importConfig.retention(),
                        config.maintenanceBatchSize()));
    }

    @Produces
    @Singleton
    InspectEncryption inspectEncryption(Upkeep upkeep) {
        return upkeep::encryptionKeys;
    }

    @Produces
    @Singleton
    InspectLookupKey inspectLookupKey(LookupKeyRotation rotation) {
        return rotation::state;
    }

    @Produces
    @Singleton
    RotateLookupKey rotateLookupKey(LookupKeyRotation rotation) {
        return rotation::begin;
    }

    @Produces
    @Singleton
    ApiKeyService apiKeys(ApiKeyStore store, RegistryConfig config) {
        return new ApiKeyService(store, config.apiKeyEnvironment());
    }

    @Produces
    @Singleton
    FindDevices findDevices(DeviceStore store) {
        return new FindDevicesService(store);
    }

    @Produces
    @Singleton
    ReadChangesService readChanges(ChangeFeed feed) {
        return new ReadChangesService(feed);
    }

    /** Those who wait for changes are answered, so that no stop waits for them. */
    void prepareToStop(@Observes ShutdownDelayInitiatedEvent event, ReadChangesService changes) {
        changes.stopWaiting();
    }

    @Produces
    @Singleton
    @Startup // so that a bad word stops the start
    DeviceTypes deviceTypes(RegistryConfig config) {
        try {
            return new DeviceTypes(
                    config.deviceTypes().stream().map(DeviceType::new).toList());
        } catch (InvalidValueException e) {
            // Not chained: the innermost message is what the operator reads, and this one has the key.
            throw new IllegalArgumentException("registry.device-types: each " + e.getMessage());
        }
    }
}
