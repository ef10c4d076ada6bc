package io.deviceregistry.domain;

/** The customer would have more active devices than one may have; nothing was stored. */
public final class TooManyDevicesException extends RegistryException {

    public TooManyDevicesException(int limit) {
        super("A customer may have at most " + limit + " active devices.");
    }
}
