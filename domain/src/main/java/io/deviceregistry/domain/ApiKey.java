package io.deviceregistry.domain;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an API key; the key itself is not kept.
 *
 * @param hint its last characters, by which people tell keys apart
 * @param lastUsedAt to the minute; null if it never was
 * @param revokedBy null if it is not revoked, like {@code revokedAt}
 */
public record ApiKey(
        ApiKeyId id,
        ApiKeyGrant grant,
        String hint,
        Caller issuedBy,
        Instant issuedAt,
        @Nullable Instant lastUsedAt,
        @Nullable Caller revokedBy,
        @Nullable Instant revokedAt) {

    public Caller caller() {
        return grant.caller();
    }

    public Set<AccessScope> scopes() {
        return grant.scopes();
    }
}
