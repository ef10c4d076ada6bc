package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.StoreUnavailableException;

/** Tries again what was parked, when whatever was wrong is mended. */
public interface ReplaySync {

    /**
     * Makes parked devices due at once. Stored in steps: if it throws, some may be due already; repeating the call is safe.
     *
     * @return how many
     * @throws StoreUnavailableException if the store cannot be reached
     */
    long replay(ParkedSelection selection);
}
