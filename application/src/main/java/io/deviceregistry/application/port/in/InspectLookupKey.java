package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.LookupKey;
import io.deviceregistry.application.port.out.StoreUnavailableException;

/** Tells which key finds tokens, and how far its replacement is. */
public interface InspectLookupKey {

    /**
     * Reads a limited number of rows, but thousands of them while the key is being replaced.
     *
     * @throws StoreUnavailableException if the store cannot be reached
     */
    LookupKey state();
}
