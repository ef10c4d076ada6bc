package io.deviceregistry.domain;

/** A customer would have more active devices than one may have; nothing was stored. */
public final class TooManyDevicesException extends RegistryException {
    private final transient CustomerId customer;

    public TooManyDevicesException(CustomerId customer, int limit) {
        super("A customer may have at most " + limit + " active devices.");
        this.customer = customer;
    }

    /** Whose devices would be too many: a change may be of several customers. */
    public CustomerId customer() {
        return customer;
    }
}
