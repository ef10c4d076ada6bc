package io.deviceregistry.bootstrap;

import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.service.DeviceQueries;
import io.deviceregistry.application.service.RegisterDevicesService;
import io.deviceregistry.application.service.SyncWorkers;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceTypes;
import io.deviceregistry.domain.InvalidValueException;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Builds what callers use. */
@ApplicationScoped
class UseCases {

    @Produces
    @Singleton
    RegisterDevices registerDevices(DeviceStore store, @Any Instance<DeviceProvider> providers, SyncWorkers workers) {
        return new RegisterDevicesService(store, providers.stream().toList(), workers::wake);
    }

    @Produces
    @Singleton
    DeviceQueries deviceQueries(DeviceStore store, SyncLedger ledger) {
        return new DeviceQueries(store, ledger);
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
