package io.deviceregistry.adapter.in.rest;

/** The body was not read to its end, so nothing that follows it on the connection can be understood. */
final class UnreadableBodyException extends RuntimeException {
    private final ProblemCode code;
    private final String detail;

    UnreadableBodyException(ProblemCode code, String detail) {
        super(detail);
        this.code = code;
        this.detail = detail;
    }

    ProblemJson problem() {
        return ProblemJson.of(code, detail, null);
    }
}
