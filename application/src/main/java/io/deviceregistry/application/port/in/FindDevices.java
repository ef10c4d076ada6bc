package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import java.util.List;

/** Reads what is registered. */
public interface FindDevices {

    /**
     * The devices that a customer has, active and invalid ones, oldest registration first; none for an unknown customer.
     *
     * @throws StoreUnavailableException if the store could not be reached
     */
    List<Device> ofCustomer(CustomerId customer);
}
