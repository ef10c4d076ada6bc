package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.Optional;

/**
 * A provider's rate limit and pause, shared by all replicas. Time is the store's. Every method may throw
 * {@link StoreUnavailableException}.
 */
public interface ProviderGate {

    /**
     * Reserves the next free moment for one HTTP request to a provider. Reserved moments are evenly spaced and a little
     * further apart than the limit asks, so that no sixty seconds anywhere hold more requests than it allows.
     *
     * @param requestsPerMinute the provider's limit; 0 for none
     * @param patience nothing is reserved if the next free moment is further away
     */
    Permit reserve(ProviderId provider, int requestsPerMinute, Duration patience);

    /**
     * Closes the gate for all replicas until this long from now. A pause that lasts longer already is left as it is.
     */
    void pause(ProviderId provider, Duration duration, SyncReason reason);

    /** The pause that a provider is in, if any. */
    Optional<Pause> pauseOf(ProviderId provider);

    record Pause(Duration remaining, SyncReason reason) {}

    sealed interface Permit {
        /** One request may be sent, after waiting this long. */
        record Granted(Duration in) implements Permit {}

        /** No request may be sent; ask again after this long. */
        record Closed(Duration retryIn) implements Permit {}
    }
}
