package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRemovedException;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.StaleVersionException;
import io.deviceregistry.domain.TooManyDevicesException;
import io.deviceregistry.domain.UnknownDeviceException;
import io.deviceregistry.domain.UnknownTokenException;

/**
 * Changes a registered device, above all its token. Durable on return, and every provider will be told; one transaction.
 * A new token that another customer holds is taken from it, and one that another device of this customer has takes that
 * device's place. A late update changes nothing and is answered with the device as it is.
 *
 * <p>Every method throws {@link TooManyDevicesException} if an invalid device would come back beyond what a customer may
 * have, and {@link StoreUnavailableException} as {@link RegisterDevices} does.
 */
public interface ChangeDevice {

    /**
     * @throws UnknownDeviceException if the customer has no such device
     * @throws StaleVersionException if the device has another version than the caller believes
     * @throws DeviceRemovedException if it is removed
     */
    Device change(Caller by, CustomerId customer, DeviceId device, Precondition precondition, DeviceUpdate update);

    /**
     * A repeated call, whose current token is gone and whose new one is there, is answered like the first.
     *
     * @throws UnknownTokenException if the customer has neither token; nobody lost the new one then
     */
    Device rotate(Caller by, CustomerId customer, DeviceToken current, DeviceUpdate update);
}
