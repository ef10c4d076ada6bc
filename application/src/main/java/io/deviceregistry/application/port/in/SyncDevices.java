package io.deviceregistry.application.port.in;

import io.deviceregistry.domain.ProviderId;
import java.time.Duration;

/** Brings providers to the registry's state, one round after the other. */
public interface SyncDevices {

    /**
     * Takes the customer who has waited longest and brings one provider to what the registry holds of it: claim, call,
     * settle. Blocks while the provider answers. May be called by any number of threads and processes at once; no two of
     * them work on the same customer.
     *
     * @return what to do next
     */
    Round syncNext(ProviderId provider);

    /**
     * Lets no round begin from now on, and those under way no further request: what they have not sent is given back, for
     * other processes. A request that is under way is settled. Does not block.
     */
    void stop();

    /** What a round came to. */
    sealed interface Round {
        /** There was something to do; there may be more. */
        record Worked() implements Round {}

        /** Nothing was found that could be worked on now; ask again after a while. */
        record Idle() implements Round {}

        /** The provider takes no calls for this long. */
        record Closed(Duration retryIn) implements Round {}
    }
}
