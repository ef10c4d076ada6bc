package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.UnknownDeviceException;
import java.util.Set;

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

    /**
     * About how many devices have one of these statuses, for whoever is about to read them all. Exact while the store is
     * small enough to count them in some milliseconds, else made of a part of them: it may be wrong by some percent.
     */
    long estimate(Set<DeviceStatus> statuses);
}
