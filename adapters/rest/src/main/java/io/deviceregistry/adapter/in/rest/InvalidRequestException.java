package io.deviceregistry.adapter.in.rest;

import java.util.List;

/** The request breaks rules; nothing was done. */
final class InvalidRequestException extends RuntimeException {
    private final ProblemCode code;
    private final transient List<Fault> faults;

    InvalidRequestException(List<Fault> faults) {
        this(ProblemCode.INVALID_REQUEST, faults);
    }

    /** @param code one of status 422 */
    InvalidRequestException(ProblemCode code, List<Fault> faults) {
        super(code.detail());
        this.code = code;
        this.faults = List.copyOf(faults);
    }

    ProblemJson problem() {
        return ProblemJson.of(code, code.detail(), faults);
    }
}
