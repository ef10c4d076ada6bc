package io.deviceregistry.adapter.in.rest;

/** The body was not read to its end, so nothing that follows it on the connection can be understood. */
final class UnreadableBodyException extends RuntimeException {
    private final ProblemCode code;

    UnreadableBodyException(ProblemCode code) {
        super(code.detail());
        this.code = code;
    }

    ProblemCode code() {
        return code;
    }
}
