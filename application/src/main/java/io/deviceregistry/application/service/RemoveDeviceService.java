package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.RemoveDevice;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.Scope;
import java.util.List;

/** Removes one device. */
public final class RemoveDeviceService implements RemoveDevice {
    private final RegistryWriter writer;

    public RemoveDeviceService(RegistryWriter writer) {
        this.writer = writer;
    }

    @Override
    public void remove(Caller by, CustomerId customer, DeviceId device, Precondition precondition) {
        writer.change(by, Scope.EMPTY.withCustomer(customer).withDevice(device), registry -> {
            registry.remove(customer, device, precondition);
            return null;
        });
    }

    @Override
    public void remove(Caller by, CustomerId customer, DeviceToken token, Observation observed) {
        writer.change(by, Scope.EMPTY.withTokens(customer, List.of(token)), registry -> {
            registry.remove(customer, token, observed);
            return null;
        });
    }
}
