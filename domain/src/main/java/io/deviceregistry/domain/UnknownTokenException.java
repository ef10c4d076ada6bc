package io.deviceregistry.domain;

/** The customer has neither a device with the token to be replaced nor one with the new token. */
public final class UnknownTokenException extends RegistryException {

    public UnknownTokenException() {
        super("This customer has no device with the current token.");
    }
}
