package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.ChangeDevice;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.Scope;
import java.util.List;

/** Changes one device, and whichever others its new token concerns. */
public final class ChangeDeviceService implements ChangeDevice {
    private final RegistryWriter writer;
    private final int maxDevices;

    /** @param maxDevices the most active devices that a customer may have */
    public ChangeDeviceService(RegistryWriter writer, int maxDevices) {
        this.writer = writer;
        this.maxDevices = maxDevices;
    }

    @Override
    public Device change(
            Caller by, CustomerId customer, DeviceId device, Precondition precondition, DeviceUpdate update) {
        return writer.change(
                by,
                scope(customer, update).withDevice(device),
                registry -> registry.change(customer, device, precondition, update, maxDevices));
    }

    @Override
    public Device rotate(Caller by, CustomerId customer, DeviceToken current, DeviceUpdate update) {
        return writer.change(
                by,
                scope(customer, update).withTokens(customer, List.of(current)),
                registry -> registry.rotate(customer, current, update, maxDevices));
    }

    private static Scope scope(CustomerId customer, DeviceUpdate update) {
        Scope scope = Scope.EMPTY.withCustomer(customer);
        return update.token() == null
                ? scope
                : scope.withTokens(customer, List.of(update.token())).withObservation(update.observed());
    }
}
