package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aProvider;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryImportJobs;
import io.deviceregistry.application.testing.InMemoryProvider;
import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;

/** The use cases over a registry in memory, with one provider and a clock that stands still. */
final class ServiceScene {
    static final int MAX_DEVICES = 3;
    static final Duration ANSWER_RETENTION = Duration.ofDays(1);

    final SettableClock clock = new SettableClock();
    final InMemoryRegistry registry = new InMemoryRegistry(clock);
    final InMemoryImportJobs imports = new InMemoryImportJobs(registry, clock);
    final InMemoryProvider provider = new InMemoryProvider(aProvider());
    final CustomerId customer = Examples.aCustomer();

    /** How often the sync was woken. */
    int wakeUps;

    final RegistryWriter writer = new RegistryWriter(registry, List.of(provider), this::wake, Examples.UNTRACED);

    void wake() {
        wakeUps++;
    }

    Device registered(CustomerId owner, DeviceRegistration registration) {
        return new RegisterDevicesService(writer, MAX_DEVICES, ANSWER_RETENTION)
                .register(Examples.CALLER, owner, List.of(registration))
                .getFirst()
                .device();
    }

    /** Devices that the customer ever had, by the order of their registration. */
    List<Device> devicesOf(CustomerId owner, DeviceStatus... statuses) {
        EnumSet<DeviceStatus> wanted =
                statuses.length == 0 ? EnumSet.allOf(DeviceStatus.class) : EnumSet.copyOf(Arrays.asList(statuses));
        return registry.devices(DeviceQuery.ofCustomer(owner, wanted, null, 100))
                .items();
    }
}
