package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.ProviderId;

/**
 * Lets a person hold back what goes to a provider. What is registered meanwhile waits. Every method throws {@link
 * StoreUnavailableException} if the store cannot be reached.
 */
public interface PauseSync {

    /** @throws InvalidValueException if there is no such provider */
    ProviderId provider(String name);

    /** Nothing goes out any more, from any replica, but for what is under way. A repeated call changes nothing. */
    void pause(ProviderId provider);

    /** Ends {@link #pause}. A repeated call changes nothing. */
    void resume(ProviderId provider);
}
