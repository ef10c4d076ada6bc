package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.StaleVersionException;
import io.deviceregistry.domain.UnknownDeviceException;

/**
 * Removes a device of a customer, and of nobody else: a late logout cannot remove the device of whoever has the token
 * now. Durable on return, and every provider will be told. A removed device is left as it is. Every method throws
 * {@link StoreUnavailableException} as {@link RegisterDevices} does.
 */
public interface RemoveDevice {

    /**
     * @throws UnknownDeviceException if the customer has no such device
     * @throws StaleVersionException if the device has another version than the caller believes; a repeated removal, which
     *     names the version before the first, succeeds again
     */
    void remove(Caller by, CustomerId customer, DeviceId device, Precondition precondition);

    /** Does nothing if the customer has no device with the token, or if the message is late. */
    void remove(Caller by, CustomerId customer, DeviceToken token, Observation observed);
}
