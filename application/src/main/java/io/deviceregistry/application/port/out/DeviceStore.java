package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registration;
import java.util.List;
import java.util.Set;

/**
 * Keeps devices durably. Every method may throw {@link StoreUnavailableException}.
 *
 * <p>The store makes the ids and sets the times, so that one clock orders all that is stored.
 */
public interface DeviceStore {

    /**
     * Registers devices of one customer as {@link io.deviceregistry.domain.Customer#register} says, and notes for every
     * given provider what it must now be told, holders that lost a token included. One transaction, durable on return.
     *
     * <p>Concurrent calls with the same tokens take turns: none fails, and the last one has the token.
     *
     * @param devices no token twice
     * @return one result per device, in the order given
     */
    List<Registration> register(CustomerId customer, List<DeviceRegistration> devices, Set<ProviderId> providers);

    /** The devices of a customer that are not removed, in the order of their registration. */
    List<Device> devicesOf(CustomerId customer);
}
