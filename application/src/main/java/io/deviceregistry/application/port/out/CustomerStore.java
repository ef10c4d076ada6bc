package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import java.util.Optional;

/**
 * Finds customers, and forgets them; {@link DeviceStore#change} writes them. Every method may throw
 * {@link StoreUnavailableException}.
 */
public interface CustomerStore {

    Optional<Customer> customer(CustomerId customer);

    /** In the order of their ids' bytes. */
    Page<Customer, CustomerId> customers(CustomerQuery query);

    /**
     * Forgets a customer: in one transaction the profile, the tokens and their hashes go, and each provider that holds,
     * or may hold, a device of the customer is to be told. What is registered afterwards is new.
     *
     * @return the receipt; that of the erasure under way if nothing came since it began; empty if there is no such
     *     customer
     */
    Optional<Erasure> erase(CustomerId customer);

    /** The receipt, as far as the erasure is. Kept for good; it does not name the customer once it is complete. */
    Optional<Erasure> erasure(ErasureId erasure);
}
