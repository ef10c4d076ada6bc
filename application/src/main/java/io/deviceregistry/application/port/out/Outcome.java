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

    /** A definite no to this request; repeating it is pointless. */
    record Rejected(String words) implements Outcome {}

    /** The provider has no such customer. */
    record CustomerUnknown(String words) implements Outcome {}

    /** The provider cannot know this: no such operation. */
    record Unsupported(String words) implements Outcome {}

    /** The provider wants no requests for this long, from any replica. */
    record Throttled(Duration retryAfter, String words) implements Outcome {}

    /** The request certainly had no effect: the provider was not reached. */
    record NotApplied(String words) implements Outcome {}

    /** The request may have had its effect, now or later. */
    record Unconfirmed(String words) implements Outcome {}

    /** The provider did not accept the registry's credentials. */
    record Unauthorized(String words) implements Outcome {}
}
