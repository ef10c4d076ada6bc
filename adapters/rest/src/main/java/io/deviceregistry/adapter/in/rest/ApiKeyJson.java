package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.in.ManageApiKeys.Issued;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.AccessScope;
import io.deviceregistry.domain.ApiKey;
import io.deviceregistry.domain.ApiKeyId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What is known of an API key. */
@Schema(name = "ApiKey", description = "An API key, without the key itself, which nobody keeps.")
@JsonNaming(SnakeCaseStrategy.class)
record ApiKeyJson(
        UUID apiKeyId,
        String caller,
        List<String> scopes,

        @Schema(description = "Its last characters, by which people tell keys apart.")
        String hint,

        String issuedBy,
        Instant issuedAt,

        @Schema(description = "Null for never.") @Nullable Instant expiresAt,

        @Schema(description = "To the minute; null if it never was.") @Nullable Instant lastUsedAt,

        @Schema(description = "Null if it is not revoked.") @Nullable String revokedBy,

        @Schema(description = "Null if it is not.") @Nullable Instant revokedAt) {

    @Schema(name = "ApiKeyGrant")
    @JsonNaming(SnakeCaseStrategy.class)
    record Grant(
            @Schema(
                    description = "Whom it is for: 1 to 64 characters of a-z 0-9 . _ and -. A caller may have several "
                            + "keys at once.")
            String caller,

            @Schema(description = "What the caller may do with it; none that the issuer may not.")
            List<String> scopes,

            @Schema(description = "Never, if absent.") @Nullable Instant expiresAt) {}

    @Schema(name = "IssuedApiKey")
    @JsonNaming(SnakeCaseStrategy.class)
    record New(
            ApiKeyJson apiKey,

            @Schema(description = "A secret. It is told this once and can never be seen again.")
            String key) {
        static New from(Issued issued) {
            return new New(ApiKeyJson.from(issued.key()), issued.secret().value());
        }
    }

    @Schema(name = "ApiKeys")
    @JsonNaming(SnakeCaseStrategy.class)
    record Listed(List<ApiKeyJson> apiKeys, @Nullable String nextCursor) {
        static Listed from(Page<ApiKey, ApiKeyId> page) {
            return new Listed(
                    page.items().stream().map(ApiKeyJson::from).toList(),
                    page.next() == null ? null : Cursor.after(page.next()));
        }
    }

    static ApiKeyJson from(ApiKey key) {
        return new ApiKeyJson(
                key.id().value(),
                key.caller().name(),
                key.scopes().stream().sorted().map(AccessScope::word).toList(),
                key.hint(),
                key.issuedBy().name(),
                key.issuedAt(),
                key.grant().expiresAt(),
                key.lastUsedAt(),
                key.revokedBy() == null ? null : key.revokedBy().name(),
                key.revokedAt());
    }
}
