package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Profile;

/** Of a {@link DeviceProvider} that takes devices of customers only whom it knows, and can be told of new ones. */
public interface CreatesCustomers {

    /** Whether a profile says all that the provider asks. */
    boolean isEnough(Profile profile);

    /**
     * Makes one HTTP request. Blocks for at most {@link DeviceProvider#callDeadline}, and throws nothing for what the
     * provider or the network does. A customer whom the provider knows already is {@link Outcome.Accepted}, or {@link
     * Outcome.Rejected} where the provider does not tell that from another fault; nothing is ever doubled.
     */
    Outcome createCustomer(CustomerId customer, Profile profile);
}
