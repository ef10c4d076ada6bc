package io.deviceregistry.application.port.out;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one device in one request to a provider.
 *
 * <p>The {@code words} are the provider's or the network's, of any length; they may hold tokens, which the sync engine
 * masks before it keeps them.
 */
public sealed interface Outcome {

    /** @param remoteId the provider's own id of the device, where it gave one */
    record Accepted(@Nullable String remoteId) implements Outcome {}

    /** Anything but success. */
    sealed interface Failure extends Outcome {
        String words();
    }

    /** A definite no to this request; repeating it is pointless. */
    record Rejected(String words) implements Failure {}

    /** The provider has no such customer. */
    record CustomerUnknown(String words) implements Failure {}

    /** The provider cannot know this: no such operation. */
    record Unsupported(String words) implements Failure {}

    /** The provider wants no requests for this long, from any replica. */
    record Throttled(Duration retryAfter, String words) implements Failure {}

    /** The request certainly had no effect: the provider was not reached. */
    record NotApplied(String words) implements Failure {}

    /** The request may have had its effect, now or later. */
    record Unconfirmed(String words) implements Failure {}

    /**
     * An answer that the provider is not known to give, so perhaps it is not the provider's. Taken for a request without
     * an effect.
     */
    record Unexpected(String words) implements Failure {}

    /** The provider did not accept the registry's credentials. */
    record Unauthorized(String words) implements Failure {}
}
