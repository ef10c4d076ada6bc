package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.Registration;
import java.util.List;

/** The central use case: makes devices known to the registry, and through it to every provider. */
public interface RegisterDevices {

    /**
     * Registers devices of one customer, who need not exist beforehand.
     *
     * <p>When this returns, the devices are durable and every provider will be told of them, whatever crashes; nothing
     * was sent yet. All of it is one transaction: if this throws, nothing was stored. A repeated call finds what the
     * first one made. A token that another customer's active device has is transferred: that device is removed, and
     * each provider is told of the removal first.
     *
     * @param devices where a token stands several times, the last metadata wins and every entry gets the same device
     * @return one answer per entry, in the order of the entries
     * @throws ConflictingTypesException if two entries give one token different types
     * @throws StoreUnavailableException if the store could not be reached or did not answer in time; whether it stored
     *     the devices is then unknown, and repeating the call is safe
     */
    List<Registration> register(CustomerId customer, List<DeviceRegistration> devices);
}
