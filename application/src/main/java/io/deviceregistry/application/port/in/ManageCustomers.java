package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.Registry.DescribedCustomer;
import io.deviceregistry.domain.TooManyDevicesException;
import io.deviceregistry.domain.UnknownCustomerException;
import io.deviceregistry.domain.UnknownErasureException;
import java.util.List;

/**
 * What the company tells of its customers. Every method throws {@link StoreUnavailableException} as
 * {@link RegisterDevices} does.
 */
public interface ManageCustomers {

    /**
     * @param devices are registered with the customer; no token may have two types or two customers in one call; where one
     *     stands several times, the last metadata and the newest time win
     */
    record Description(CustomerId customer, ProfileUpdate profile, List<DeviceRegistration> devices) {
        public Description {
            devices = List.copyOf(devices);
        }
    }

    /**
     * Merges profiles and registers devices, all of it in one transaction. A customer that does not exist is made.
     *
     * @param descriptions together at most a thousand customers and devices, each of which needs a lock
     * @return one customer per description, in their order
     * @throws TooManyDevicesException if a customer would have more active devices than one may have
     */
    List<DescribedCustomer> describe(Caller by, List<Description> descriptions);

    /** @throws UnknownCustomerException if there is no such customer */
    Customer customer(CustomerId customer);

    Page<Customer, CustomerId> customers(CustomerQuery query);

    /**
     * Forgets a customer at once, and lets every provider forget its devices. A repeated call while providers are still
     * being told is answered with the same receipt.
     *
     * @throws UnknownCustomerException if there is no such customer
     */
    Erasure erase(Caller by, CustomerId customer);

    /** @throws UnknownErasureException if there is no such erasure */
    Erasure erasure(ErasureId erasure);
}
