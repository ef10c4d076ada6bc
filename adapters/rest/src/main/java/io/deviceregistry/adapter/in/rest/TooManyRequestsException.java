package io.deviceregistry.adapter.in.rest;

import java.time.Duration;

/** The caller has had as many requests as it may have. */
final class TooManyRequestsException extends RuntimeException {
    private final Duration wait;

    TooManyRequestsException(Duration wait) {
        super("Too many requests of one caller");
        this.wait = wait;
    }

    /** In whole seconds, as {@code Retry-After} has it, and never none. */
    long seconds() {
        return Math.max(1, wait.plusMillis(999).toSeconds());
    }
}
