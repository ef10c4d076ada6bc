package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A provider's rate limit, pause and circuit breaker, shared by all replicas. Time is the store's. Every method may throw
 * {@link StoreUnavailableException}.
 */
public interface ProviderGate {

    /**
     * Reserves the next free moment for one HTTP request to a provider. Reserved moments are evenly spaced and a little
     * further apart than the limit asks, so that no sixty seconds anywhere hold more requests than it allows. While the
     * breaker is open, one request in each probe interval is granted; whoever has it is the probe.
     *
     * <p>Without a limit, a pause that another process began may be noticed a quarter of a second late.
     *
     * @param requestsPerMinute the provider's limit; 0 for none
     * @param patience nothing is reserved if the next free moment is further away
     */
    Permit reserve(ProviderId provider, int requestsPerMinute, Duration patience);

    /**
     * Closes the gate for all replicas until this long from now. A pause that lasts longer already is left as it is.
     */
    void pause(ProviderId provider, Duration duration, PauseReason reason);

    /**
     * Counts a request that failed through no fault of its devices. The breaker opens when so many came in a row, each of
     * another customer than the one before: one customer's misfortune is not the provider's.
     */
    void failed(ProviderId provider, CustomerId customer, Breaker breaker);

    /** Opens the breaker at once. */
    void open(ProviderId provider, Duration probeInterval, PauseReason reason);

    /** The provider works: closes the breaker, and failures are counted from the beginning. */
    void recovered(ProviderId provider);

    /**
     * Closes the gate until {@link #resume}, whatever else happens. A repeated call changes nothing: who was first, and
     * when, is kept.
     */
    void suspend(Caller by, ProviderId provider);

    /** Ends what {@link #suspend} began; pauses and the breaker are left as they are. A repeated call changes nothing. */
    void resume(ProviderId provider);

    /** The pause that a provider is in, if any. */
    Optional<Pause> pauseOf(ProviderId provider);

    /**
     * Adds requests to those of this minute.
     *
     * @param sent all of them
     * @param failed those of them that the provider did not take, for whatever reason that is not a device's
     */
    void count(ProviderId provider, long sent, long failed);

    /** The requests of the last five minutes and of this one, by minute, the newest first; none of a quiet minute. */
    List<Traffic> traffic(ProviderId provider);

    record Traffic(Instant minute, long sent, long failed) {}

    /**
     * @param threshold failures in a row
     * @param probeInterval how often a request is let through while the breaker is open
     */
    record Breaker(int threshold, Duration probeInterval) {}

    enum PauseReason {
        /** The provider asked for it. */
        THROTTLED,
        /** The provider did not accept the registry's credentials; it is asked once in each probe interval. */
        UNAUTHORIZED,
        /** Requests failed in a row; the provider is asked once in each probe interval. */
        FAILING,
        /** A person asked for it. */
        SUSPENDED
    }

    /**
     * @param remaining until the next request may go; null if only a person can tell
     * @param suspension null if no person asked for it, and of one that began before it was recorded
     */
    record Pause(
            @Nullable Duration remaining,
            PauseReason reason,
            @Nullable Suspension suspension) {}

    /** Who closed the gate, and when. */
    record Suspension(Caller by, Instant since) {}

    sealed interface Permit {
        /**
         * One request may be sent, after waiting this long.
         *
         * @param troubled whether requests failed lately, so that a success is to be told by {@link #recovered}
         */
        record Granted(Duration in, boolean troubled) implements Permit {}

        /** No request may be sent; ask again after this long. */
        record Closed(Duration retryIn) implements Permit {}
    }
}
