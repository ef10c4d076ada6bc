package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.LookupKey;
import io.deviceregistry.application.port.out.LookupKeyRefusedException;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;

/** Replaces the key that finds tokens. */
public interface RotateLookupKey {

    /**
     * Begins the replacement by the key that this replica was given to take its place; it goes on by itself then. Repeated,
     * it does nothing more.
     *
     * @param by the log names them, if it begins by this
     * @throws LookupKeyRefusedException if the replica was given none, one that runs does not know it, or another key is
     *     taking the place of the one in use
     * @throws StoreUnavailableException if the store cannot be reached, or somebody was at work on all devices for long
     */
    LookupKey begin(Caller by);
}
