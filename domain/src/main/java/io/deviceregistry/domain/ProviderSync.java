package io.deviceregistry.domain;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How one provider stands towards one device.
 *
 * @param remoteId the provider's own id of the device, where it gave one
 * @param attempts how often sending was begun, ever
 * @param unconfirmedAttempts how many of these had an outcome that stayed unknown; only they can have made a duplicate
 * @param reason why it is not synced, where that is known
 * @param lastError the provider's words, tokens masked
 * @param nextAttemptAt null if none is planned
 */
public record ProviderSync(
        ProviderId provider,
        SyncState state,
        @Nullable String remoteId,
        int attempts,
        int unconfirmedAttempts,
        @Nullable SyncReason reason,
        @Nullable String lastError,
        @Nullable Instant nextAttemptAt) {}
