package io.deviceregistry.application.port.out;

/**
 * The store could not be reached or did not answer in time. What a write that ended so did is unknown; all of the
 * store's writes may be repeated.
 */
public final class StoreUnavailableException extends RuntimeException {
    public StoreUnavailableException(Throwable cause) {
        super("The device store is not available", cause);
    }
}
