package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.Profile;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Leased work of one customer, for tests that need no store. */
final class Tasks {
    static final CustomerId CUSTOMER = aCustomer();

    private Tasks() {}

    static SyncLease leaseOf(SyncTask... tasks) {
        return new SyncLease(UUID.randomUUID(), aProvider(), CUSTOMER, Profile.NONE, List.of(tasks));
    }

    static SyncTask task(Device device, @Nullable Holding held) {
        return new SyncTask(device, device.version(), held, false, false, 0, 0, List.of(), null);
    }

    static SyncTask unconfirmed(Device device) {
        return new SyncTask(device, device.version(), null, true, false, 1, 0, List.of(), null);
    }

    static Device device(DeviceRegistration registration) {
        return Device.registered(new DeviceId(UUID.randomUUID()), CUSTOMER, registration, Instant.EPOCH);
    }

    static Holding held(Device device) {
        return new Holding("remote-" + device.id(), device.type(), device.token());
    }
}
