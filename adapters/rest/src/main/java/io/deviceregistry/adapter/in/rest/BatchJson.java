package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.in.RegisterDevices.ItemResult;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.RegistryException;
import io.deviceregistry.domain.TooManyDevicesException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What a batch of registrations asks and is answered. */
final class BatchJson {
    private BatchJson() {}

    @Schema(name = "Batch")
    record Request(
            @Schema(minItems = 1, maxItems = BatchResource.MAX_ITEMS)
            List<Item> items) {}

    @Schema(name = "BatchItem")
    @JsonNaming(SnakeCaseStrategy.class)
    record Item(
            String customerId,
            String deviceType,
            String deviceToken,
            DeviceJson.@Nullable Metadata metadata,

            @Schema(description = DeviceJson.OBSERVED_AT) @Nullable Instant observedAt) {}

    @Schema(name = "BatchResults")
    record Results(
            @Schema(description = "One per item, in the request's order")
            List<Result> results) {}

    /** Why an item failed, or what is to be said of one that did not. */
    enum ItemCode {
        INVALID_REQUEST,
        CONFLICTING_ITEMS,
        TOO_MANY_DEVICES,
        STORE_UNAVAILABLE,
        SUPERSEDED
    }

    enum ItemStatus {
        created,
        existing,
        changed,
        reactivated,
        transferred,
        error
    }

    @Schema(name = "BatchResult")
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            int index,
            ItemStatus status,

            @Schema(description = "Unless it is an error") @Nullable UUID deviceId,

            @Schema(description = "With an error, and with a late message that something newer made void") @Nullable ItemCode code,

            @Schema(description = "With a code, in words") @Nullable String detail) {

        static Result of(int index, ItemResult result) {
            return switch (result) {
                case ItemResult.Registered(Registration registration) -> of(index, registration);
                case ItemResult.Refused(RegistryException reason) ->
                    error(
                            index,
                            reason instanceof TooManyDevicesException
                                    ? ItemCode.TOO_MANY_DEVICES
                                    : ItemCode.INVALID_REQUEST,
                            reason.getMessage());
            };
        }

        private static Result of(int index, Registration registration) {
            UUID device = registration.device().id().value();
            boolean superseded = !registration.device().isActive();
            return new Result(
                    index,
                    superseded ? ItemStatus.existing : ItemStatus.valueOf(lowerCase(registration.outcome())),
                    device,
                    superseded ? ItemCode.SUPERSEDED : null,
                    superseded ? "The message was late: something newer made the device inactive." : null);
        }

        private static String lowerCase(Registration.Outcome outcome) {
            return outcome.name().toLowerCase(Locale.ROOT);
        }

        static Result error(int index, ItemCode code, @Nullable String detail) {
            return new Result(index, ItemStatus.error, null, code, detail);
        }
    }
}
