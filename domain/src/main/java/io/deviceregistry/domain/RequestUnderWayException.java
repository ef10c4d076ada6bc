package io.deviceregistry.domain;

/** An equal request with the same idempotency key is being worked on at this moment. */
public final class RequestUnderWayException extends RegistryException {

    public RequestUnderWayException() {
        super("A request with this Idempotency-Key is under way; repeat it later.");
    }
}
