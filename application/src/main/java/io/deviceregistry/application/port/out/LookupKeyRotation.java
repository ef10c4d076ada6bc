package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Caller;

/**
 * Lets another key find tokens than the one in use, while the store is used. Once it has begun it goes on by itself, a
 * step with each {@link Upkeep#maintain}, by all processes together. Every method may throw {@link
 * StoreUnavailableException}.
 */
public interface LookupKeyRotation {

    /** Reads a limited number of rows, but thousands of them while a key is being replaced. */
    LookupKey state();

    /**
     * Begins the replacement of the key in use by the one that this process was given to take its place. Repeated, it does
     * nothing more, also when the replacement has come to its end. Waits for no work of others for longer than some
     * seconds.
     *
     * @param by the log names them, if it begins by this
     * @throws LookupKeyRefusedException if there is no such key, or a process that runs does not know it, or another key is
     *     taking the place of the one in use
     * @throws StoreUnavailableException also if somebody was at work on all devices all that time
     */
    LookupKey begin(Caller by);
}
