package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.in.InspectSync;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.UnknownDeviceException;
import java.util.List;

/** Everything that only reads. */
public final class DeviceQueries implements FindDevices, InspectSync {
    private final DeviceStore store;
    private final SyncLedger ledger;

    public DeviceQueries(DeviceStore store, SyncLedger ledger) {
        this.store = store;
        this.ledger = ledger;
    }

    @Override
    public List<Device> ofCustomer(CustomerId customer) {
        return store.devicesOf(customer);
    }

    @Override
    public List<ProviderSync> ofDevice(CustomerId customer, DeviceId device) {
        return ledger.standing(customer, device).orElseThrow(() -> new UnknownDeviceException(device));
    }
}
