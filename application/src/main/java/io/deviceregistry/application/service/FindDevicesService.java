package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.UnknownDeviceException;
import java.util.Set;

/** Finds devices, and says so where there is none. */
public final class FindDevicesService implements FindDevices {
    private final DeviceStore store;

    public FindDevicesService(DeviceStore store) {
        this.store = store;
    }

    @Override
    public Device device(CustomerId customer, DeviceId device) {
        return store.device(customer, device).orElseThrow(() -> new UnknownDeviceException(device));
    }

    @Override
    public Page<Device, DeviceId> devices(DeviceQuery query) {
        return store.devices(query);
    }

    @Override
    public long estimate(Set<DeviceStatus> statuses) {
        return store.estimate(statuses);
    }
}
