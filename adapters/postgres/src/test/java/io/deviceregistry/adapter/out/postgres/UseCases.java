package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.in.AnswerOnce;
import io.deviceregistry.application.port.in.ChangeDevice;
import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.in.KeepHouse;
import io.deviceregistry.application.port.in.ManageCustomers;
import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.in.RemoveDevice;
import io.deviceregistry.application.port.in.ReportInvalidDevices;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.service.AnswerOnceService;
import io.deviceregistry.application.service.ChangeDeviceService;
import io.deviceregistry.application.service.FindDevicesService;
import io.deviceregistry.application.service.HousekeepingService;
import io.deviceregistry.application.service.HousekeepingSettings;
import io.deviceregistry.application.service.ManageCustomersService;
import io.deviceregistry.application.service.RegisterDevicesService;
import io.deviceregistry.application.service.RegistryWriter;
import io.deviceregistry.application.service.RemoveDeviceService;
import io.deviceregistry.application.service.ReportInvalidDevicesService;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryImportJobs;
import io.deviceregistry.application.testing.InMemoryProvider;
import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** The use cases over one implementation of the out-ports, and the ledger as the sync engine has it. */
record UseCases(
        RegisterDevices register,
        ChangeDevice change,
        RemoveDevice remove,
        ReportInvalidDevices report,
        ManageCustomers customers,
        FindDevices find,
        KeepHouse house,
        AnswerOnce answers,
        SyncLedger ledger,
        List<ProviderId> providers) {

    private static final Duration ANSWER_RETENTION = Duration.ofDays(1);

    /** The age at which a device is stale is none that the times of {@link RandomOperations} reach during a test. */
    private static final HousekeepingSettings HOUSEKEEPING = new HousekeepingSettings(
            Map.of(new DeviceType("ios"), Duration.ofSeconds(339)),
            Duration.ofNanos(1_000),
            Duration.ofNanos(1_000),
            ANSWER_RETENTION,
            ANSWER_RETENTION,
            1_000);

    /** @param maxDevices the most active devices that a customer may have */
    static UseCases over(Ports ports, List<ProviderId> providers, int maxDevices) {
        List<DeviceProvider> told =
                providers.stream().<DeviceProvider>map(InMemoryProvider::new).toList();
        RegistryWriter writer = new RegistryWriter(ports.devices(), told, () -> {}, Examples.UNTRACED);
        return new UseCases(
                new RegisterDevicesService(writer, maxDevices, ANSWER_RETENTION),
                new ChangeDeviceService(writer, maxDevices),
                new RemoveDeviceService(writer),
                new ReportInvalidDevicesService(writer),
                new ManageCustomersService(writer, ports.customers(), maxDevices, () -> {}),
                new FindDevicesService(ports.devices()),
                new HousekeepingService(ports.upkeep(), noImports(), writer, HOUSEKEEPING),
                new AnswerOnceService(ports.answers(), ANSWER_RETENTION, () -> {}),
                ports.ledger(),
                providers);
    }

    private static ImportJobs noImports() {
        return new InMemoryImportJobs(new InMemoryRegistry(InstantSource.system()), InstantSource.system());
    }
}
