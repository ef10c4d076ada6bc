package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.UnknownDeviceException;
import java.util.List;

/** Tells how the providers stand. */
public interface InspectSync {

    /**
     * How each provider stands towards a device, removed ones included, by the provider's name.
     *
     * @throws UnknownDeviceException if the customer never had such a device
     * @throws StoreUnavailableException if the store could not be reached
     */
    List<ProviderSync> ofDevice(CustomerId customer, DeviceId device);
}
