package io.deviceregistry.domain;

/** Nobody ever registered a device for the customer or described it, or it was erased. */
public final class UnknownCustomerException extends RegistryException {

    public UnknownCustomerException(CustomerId customer) {
        super("There is no customer " + customer + ".");
    }
}
