package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.domain.Erasure;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The receipt of an erasure. */
@Schema(
        name = "Erasure",
        description =
                "The profile and the tokens went when it was requested. While a provider is still to be told, the "
                        + "registry keeps what that takes: the customer's id, the encrypted token by which the provider knows "
                        + "a device, and a keyed hash of it, so that whoever registers it next can wait. Answers remembered "
                        + "for an Idempotency-Key, which are encrypted, go within the time that they are remembered for.")
@JsonNaming(SnakeCaseStrategy.class)
record ErasureJson(
        UUID erasureId,
        Status status,
        Instant requestedAt,

        @Schema(description = "The caller; null of an erasure that was requested before it was recorded.") @Nullable String requestedBy,

        @Schema(description = "When the last of what was kept for a provider went.") @Nullable Instant completedAt,

        @Schema(
                description = "Until then the feed of changes names the customer's id, so that whoever copied devices "
                        + "learns that they are to be forgotten. Moves when the registry is told to keep changes for "
                        + "longer, or less long.")
        Instant changesKeptUntil,

        @Schema(description = "How many the customer had, removed ones included.")
        int devices,

        List<Provider> providers) {

    @Schema(name = "ErasureStatus")
    enum Status {
        RUNNING,
        COMPLETED
    }

    @Schema(
            name = "ErasureAtProvider",
            description = "Devices that the provider held, or may have held, by their state.")
    record Provider(
            String provider,

            @Schema(description = "The provider confirmed that they are gone.")
            int confirmed,

            @Schema(description = "The provider is still to be told.")
            int pending,

            @Schema(description = "The provider refused; a person is needed.")
            int parked,

            @Schema(description = "The provider has no way to be told, and keeps them.")
            int unsupported) {}

    static ErasureJson from(Erasure erasure) {
        return new ErasureJson(
                erasure.id().value(),
                erasure.completedAt() == null ? Status.RUNNING : Status.COMPLETED,
                erasure.requestedAt(),
                erasure.requestedBy() == null ? null : erasure.requestedBy().name(),
                erasure.completedAt(),
                erasure.changesKeptUntil(),
                erasure.devices(),
                erasure.providers().stream()
                        .map(one -> new Provider(
                                one.provider().value(),
                                one.confirmed(),
                                one.pending(),
                                one.parked(),
                                one.unsupported()))
                        .toList());
    }
}
