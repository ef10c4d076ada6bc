package io.deviceregistry.adapter.in.rest;

/** The body is no JSON document. The message says where, never what stands there. */
final class MalformedJsonException extends RuntimeException {
    private final String message;

    MalformedJsonException(String message) {
        super(message);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
