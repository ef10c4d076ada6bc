package io.deviceregistry.domain;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The receipt of a customer's erasure. The registry forgot the profile and the tokens at once; of a device that a
 * provider may hold, the encrypted token by which the provider knows it stays until that provider has settled.
 *
 * @param requestedBy who did; null if that was before it was recorded
 * @param completedAt when the last trace went; null while a provider has not settled
 * @param changesKeptUntil when the last change goes from the feed that names the customer's id, as long as nobody changes
 *     for how long changes are kept
 * @param devices how many devices the customer had, removed ones included
 * @param providers by the provider's name; none if no provider had to be told
 */
public record Erasure(
        ErasureId id,
        Instant requestedAt,
        @Nullable Caller requestedBy,
        @Nullable Instant completedAt,
        Instant changesKeptUntil,
        int devices,
        List<AtProvider> providers) {

    public Erasure {
        providers = List.copyOf(providers);
    }

    /**
     * How many of the devices that the provider held, or may have held, are in which state there.
     *
     * @param confirmed the provider confirmed that they are gone
     * @param pending the provider is still to be told
     * @param parked the provider refused; a person is needed
     * @param unsupported the provider has no way to be told, so it keeps them
     */
    public record AtProvider(ProviderId provider, int confirmed, int pending, int parked, int unsupported) {}
}
