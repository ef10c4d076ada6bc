package io.deviceregistry.sandbox.bunce;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the sandbox treats the calls under {@code /v1}. A new behaviour replaces the whole of the one before; the sandbox
 * counts {@code times} down as it goes. It is not kept across restarts. Of what may befall a call, the rate limit comes
 * first, then the throttle, the refusal, the faults.
 *
 * @param delay how long each answer is held back. The call has taken effect and is recorded by then, so a caller that
 *     gives up waiting leaves a change behind, as with the real service
 * @param refusal calls to refuse without effect, or null for none
 * @param throttle calls to answer with 429, ahead of any refusal, or null for none
 * @param strictCustomers answers 404 to a device call for a customer that was not created before
 * @param requestsPerMinute the limit per remote address, beyond which that address gets 429 for 60 seconds; 0 is no
 *     limit. Another value than before forgets what was counted
 * @param faults what goes wrong with some of the calls: each with the first of these that catches it, if one does
 * @param seed of the chances of the faults; the same calls in the same order have the same fate
 */
public record Behaviour(
        Duration delay,
        @Nullable Refusal refusal,
        @Nullable Throttle throttle,
        boolean strictCustomers,
        AnswerShape answerShape,
        int requestsPerMinute,
        List<Fault> faults,
        long seed) {

    private static final Behaviour NORMAL =
            new Behaviour(Duration.ZERO, null, null, false, AnswerShape.DEVICES, 500, List.of(), 0);

    /** How a call that adds devices answers; a changed device is a device in {@code ENVELOPE}, else {@code true}. */
    public enum AnswerShape {
        /** {@code {"devices":[{device_id, device_type, device_token}]}}. */
        DEVICES,
        /** {@code {"success", "message", "data":[{device_id, device_type, token, created_at}]}}. */
        ENVELOPE,
        /** {@code [{device_id, device_type, device_token}]}. */
        BARE_ARRAY
    }

    /**
     * @param times how many calls, or null for all until another behaviour is set
     * @param status 200 to 599, where a status below 400 still answers {@code "success": false}
     */
    public record Refusal(@Nullable Integer times, int status, String message) {
        public Refusal {
            requirePositive(times);
            if (status < 200 || status > 599 || status == 204 || status == 304) {
                throw new IllegalArgumentException(
                        "status must be 200 to 599 and one that has a body, not " + status + ".");
            }
        }
    }

    /**
     * @param times how many calls, or null for all until another behaviour is set
     * @param retryAfter the header's text, as it stands; null sends no header
     */
    public record Throttle(
            @Nullable Integer times, @Nullable String retryAfter) {
        public Throttle {
            requirePositive(times);
            if (retryAfter != null && !retryAfter.matches("[ -~]+")) {
                throw new IllegalArgumentException("retry_after must be printable ASCII.");
            }
        }
    }

    /**
     * @param chance of a call to be caught, more than 0 and at most 1
     * @param times how many calls, or null for all until another behaviour is set
     * @param time what {@link Kind} makes of it; zero for the kinds that have no use for it
     */
    public record Fault(Kind kind, double chance, @Nullable Integer times, Duration time) {

        public enum Kind {
            /** 503, without effect. */
            ERROR_BEFORE,
            /** The call takes effect and is answered with 500. */
            ERROR_AFTER,
            /** The call takes effect, and the connection is closed without an answer. */
            DROP,
            /** The call takes effect, and the connection is closed in the middle of the answer's body. */
            CUT,
            /** The answer's body comes in single bytes, spread over the time. */
            DRIBBLE,
            /** The call takes effect and is answered with 200 and a page of HTML. */
            RUBBISH,
            /** The call takes effect only after the time, whether or not its caller still waits. */
            LATE,
            /** 429 without effect, and the time in seconds in {@code Retry-After}. */
            THROTTLE_SECONDS,
            /** 429 without effect, and the end of the time as an HTTP date in {@code Retry-After}. */
            THROTTLE_DATE
        }

        public Fault {
            requirePositive(times);
            if (!(chance > 0 && chance <= 1)) {
                throw new IllegalArgumentException("chance must be more than 0 and at most 1, not " + chance + ".");
            }
            if (time.isNegative()) {
                throw new IllegalArgumentException("time_ms must not be negative.");
            }
        }

        /** Every call. */
        public static Fault always(Kind kind) {
            return new Fault(kind, 1, null, Duration.ZERO);
        }

        public Fault withChance(double value) {
            return new Fault(kind, value, times, time);
        }

        public Fault withTimes(@Nullable Integer value) {
            return new Fault(kind, chance, value, time);
        }

        public Fault withTime(Duration value) {
            return new Fault(kind, chance, times, value);
        }
    }

    public Behaviour {
        faults = List.copyOf(faults);
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay must not be negative.");
        }
        if (requestsPerMinute < 0) {
            throw new IllegalArgumentException("requests_per_minute must not be negative.");
        }
    }

    /** No delay, nothing refused, no faults, 500 requests a minute, the founding shape, customers created as they come. */
    public static Behaviour normal() {
        return NORMAL;
    }

    public Behaviour withDelay(Duration value) {
        return new Behaviour(value, refusal, throttle, strictCustomers, answerShape, requestsPerMinute, faults, seed);
    }

    public Behaviour withRefusal(@Nullable Refusal value) {
        return new Behaviour(delay, value, throttle, strictCustomers, answerShape, requestsPerMinute, faults, seed);
    }

    public Behaviour withThrottle(@Nullable Throttle value) {
        return new Behaviour(delay, refusal, value, strictCustomers, answerShape, requestsPerMinute, faults, seed);
    }

    public Behaviour withStrictCustomers(boolean value) {
        return new Behaviour(delay, refusal, throttle, value, answerShape, requestsPerMinute, faults, seed);
    }

    public Behaviour withAnswerShape(AnswerShape value) {
        return new Behaviour(delay, refusal, throttle, strictCustomers, value, requestsPerMinute, faults, seed);
    }

    public Behaviour withRequestsPerMinute(int value) {
        return new Behaviour(delay, refusal, throttle, strictCustomers, answerShape, value, faults, seed);
    }

    public Behaviour withFaults(List<Fault> value) {
        return new Behaviour(delay, refusal, throttle, strictCustomers, answerShape, requestsPerMinute, value, seed);
    }

    public Behaviour withSeed(long value) {
        return new Behaviour(delay, refusal, throttle, strictCustomers, answerShape, requestsPerMinute, faults, value);
    }

    private static void requirePositive(@Nullable Integer times) {
        if (times != null && times < 1) {
            throw new IllegalArgumentException("times must be 1 or more, not " + times + ".");
        }
    }
}
