package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.ProviderId;

/**
 * Lets a person hold back what goes to a provider. What is registered meanwhile waits. Every method throws {@link
 * StoreUnavailableException} if the store cannot be reached.
 */
public interface PauseSync {

    /** @throws InvalidValueException if there is no such provider */
    ProviderId provider(String name);

    /**
     * Nothing goes out any more, from any replica, but for what is under way. A repeated call changes nothing.
     *
     * @param by the log names them, and so does {@link InspectSync} while the pause lasts
     */
    void pause(Caller by, ProviderId provider);

    /**
     * Ends {@link #pause}. A repeated call changes nothing.
     *
     * @param by the log names them
     */
    void resume(Caller by, ProviderId provider);
}
