package io.deviceregistry.adapter.in.rest;

import java.util.List;

/** The request breaks rules; nothing of it was stored. */
final class InvalidRequestException extends RuntimeException {
    private final transient List<Fault> faults;

    InvalidRequestException(List<Fault> faults) {
        super("The request is not valid; nothing of it was stored.");
        this.faults = List.copyOf(faults);
    }

    List<Fault> faults() {
        return faults;
    }
}
