package io.deviceregistry.domain;

/** The idempotency key was used for another request. */
public final class IdempotencyKeyReusedException extends RegistryException {

    public IdempotencyKeyReusedException() {
        super("This Idempotency-Key was used for another request.");
    }
}
