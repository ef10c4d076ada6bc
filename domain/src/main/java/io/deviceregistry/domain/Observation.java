package io.deviceregistry.domain;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * When what a message says was true. Messages travel by queues and retries and may arrive in another order; one that is
 * older than what a device already reflects is ignored.
 *
 * @param at to the microsecond, as it is stored; null for the moment at which the message arrives, which is never late
 */
public record Observation(@Nullable Instant at) {
    /** How far ahead of the registry's clock a caller's may be. */
    public static final Duration MAX_AHEAD = Duration.ofMinutes(5);

    public static final Observation ON_ARRIVAL = new Observation(null);

    public Observation {
        at = at == null ? null : at.truncatedTo(ChronoUnit.MICROS);
    }

    /** @throws InvalidValueException if the time is more than {@link #MAX_AHEAD} ahead of now */
    public static Observation at(Instant at, Instant now) {
        if (at.isAfter(now.plus(MAX_AHEAD))) {
            throw new InvalidValueException("must not be more than " + MAX_AHEAD.toMinutes() + " minutes ahead");
        }
        return new Observation(at);
    }

    /** The one of two that was true later. */
    Observation later(Observation other) {
        boolean otherIsEarlier = at == null || (other.at != null && other.at.isBefore(at));
        return otherIsEarlier ? this : other;
    }

    boolean isOlderThan(Instant known) {
        return at != null && at.isBefore(known);
    }

    boolean isAfter(Instant moment, Instant now) {
        return (at == null ? now : at).isAfter(moment);
    }

    /** What is stored of it: never ahead of the registry's clock, lest a fast clock make later messages late. */
    Instant instant(Instant now) {
        return at == null || at.isAfter(now) ? now : at;
    }
}
