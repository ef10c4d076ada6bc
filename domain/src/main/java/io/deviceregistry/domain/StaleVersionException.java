package io.deviceregistry.domain;

/** The device changed since the caller read it; nothing was done. */
public final class StaleVersionException extends RegistryException {

    public StaleVersionException() {
        super("The device has another version by now.");
    }
}
