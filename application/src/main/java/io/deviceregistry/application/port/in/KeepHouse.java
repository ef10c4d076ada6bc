package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.StoreUnavailableException;

/** Does what becomes due by the passing of time alone. */
public interface KeepHouse {

    /**
     * Takes a small step in each chore: devices unseen for long become invalid, devices removed long ago and answers
     * remembered for long are deleted, erasures are completed. Any number of processes may call at once.
     *
     * @return whether there is more to do at once
     * @throws StoreUnavailableException if the store could not be reached
     */
    boolean step();
}
