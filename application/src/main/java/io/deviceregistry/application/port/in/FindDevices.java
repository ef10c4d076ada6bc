package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.UnknownDeviceException;

/** Reads what is registered. Every method throws {@link StoreUnavailableException} if the store cannot be reached. */
public interface FindDevices {

    /**
     * A device, removed ones included.
     *
     * @throws UnknownDeviceException if the customer never had such a device, or it was purged
     */
    Device device(CustomerId customer, DeviceId device);

    /** The devices that satisfy a query, oldest registration first; none for an unknown customer. */
    Page<Device, DeviceId> devices(DeviceQuery query);
}
