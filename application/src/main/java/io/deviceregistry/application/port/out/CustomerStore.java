package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Caller;
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
     * Forgets a customer: in one transaction the profile and the tokens go, and each provider that holds, or may hold, a
     * device of the customer is to be told. What is registered afterwards is new.
     *
     * <p>Until such a provider has settled, two things are kept of the device's token: its encrypted form, by which the
     * provider is told, and its keyed hash, by which whoever registers it next waits for that. Nobody finds the device by
     * either. That the devices were erased, and what was changed of them before, stays in the feed of changes with the
     * customer's id for as long as changes are kept.
     *
     * @param by is noted on the receipt, and with the changes
     * @return the receipt; that of the erasure under way, and of whoever asked for it, if nothing came since it began;
     *     empty if there is no such customer
     */
    Optional<Erasure> erase(Caller by, CustomerId customer);

    /** The receipt, as far as the erasure is. Kept for good; it does not name the customer once it is complete. */
    Optional<Erasure> erasure(ErasureId erasure);
}
