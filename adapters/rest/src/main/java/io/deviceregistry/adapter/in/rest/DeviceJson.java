package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A device as this interface shows it. */
@Schema(name = "Device")
@JsonNaming(SnakeCaseStrategy.class)
record DeviceJson(
        UUID deviceId,
        @Schema(examples = "0000") String customerId,
        @Schema(examples = "android") String deviceType,
        @Schema(examples = "874jwejfoiowef5974594") String deviceToken,
        DeviceStatus status,

        @Schema(description = "Moves with every change but that of last_seen_at.")
        long version,

        Instant registeredAt,
        Instant lastSeenAt,
        Metadata metadata) {

    static DeviceJson from(Device device) {
        return new DeviceJson(
                device.id().value(),
                device.customer().value(),
                device.type().value(),
                device.token().value(),
                device.status(),
                device.version(),
                device.registeredAt(),
                device.lastSeenAt(),
                Metadata.from(device.metadata()));
    }

    /** Only what is known is shown. */
    @Schema(
            name = "DeviceMetadata",
            description = "What the app told about itself and the device; no provider sees it.")
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Metadata(
            @Schema(maxLength = 256) @Nullable String appId,
            @Schema(maxLength = 64) @Nullable String appVersion,
            @Schema(maxLength = 64) @Nullable String osVersion,

            @Schema(maxLength = 64, examples = "de-DE") @Nullable String locale,

            @Schema(maxLength = 64, examples = "Europe/Berlin") @Nullable String timeZone,

            @Schema(maxProperties = DeviceMetadata.MAX_EXTRA_ENTRIES)
            Map<String, String> extra) {

        static Metadata from(DeviceMetadata metadata) {
            return new Metadata(
                    metadata.appId(),
                    metadata.appVersion(),
                    metadata.osVersion(),
                    metadata.locale(),
                    metadata.timeZone(),
                    metadata.extra());
        }
    }

    @Schema(name = "Devices")
    record Page(List<DeviceJson> devices) {}

    /** The request of a registration; for the API's description only, since {@link RegisterRequest} reads it. */
    @Schema(name = "RegisterDevicesRequest")
    record Registering(
            @Schema(required = true, minItems = 1, maxItems = RegisterRequest.MAX_DEVICES)
            List<NewDevice> devices) {}

    @Schema(name = "NewDevice")
    @JsonNaming(SnakeCaseStrategy.class)
    record NewDevice(
            @Schema(required = true, examples = "android", description = "One of the configured types, in any case.")
            String deviceType,

            @Schema(
                    required = true,
                    examples = "874jwejfoiowef5974594",
                    description = "The push address: 1 to 4096 bytes of UTF-8, opaque.")
            String deviceToken,

            @Nullable Metadata metadata) {}

    /** The answer to a registration. */
    @Schema(name = "RegisteredDevices")
    record Registered(List<RegisteredDevice> devices) {
        static Registered from(List<Registration> registrations) {
            return new Registered(
                    registrations.stream().map(RegisteredDevice::from).toList());
        }
    }

    @Schema(name = "RegisteredDevice")
    @JsonNaming(SnakeCaseStrategy.class)
    record RegisteredDevice(UUID deviceId, String deviceType, String deviceToken) {
        static RegisteredDevice from(Registration registration) {
            Device device = registration.device();
            return new RegisteredDevice(
                    device.id().value(), device.type().value(), device.token().value());
        }
    }

    @Schema(name = "DeviceSync", description = "How each provider stands towards a device.")
    record Sync(List<Provider> providers) {
        static Sync from(List<ProviderSync> standing) {
            return new Sync(standing.stream().map(Provider::from).toList());
        }
    }

    @Schema(name = "ProviderSync")
    @JsonNaming(SnakeCaseStrategy.class)
    record Provider(
            @Schema(examples = "bunce") String provider,
            SyncState state,

            @Schema(description = "The provider's own id of the device.") @Nullable String remoteId,

            int attempts,

            @Schema(description = "Attempts whose outcome stayed unknown; only they can have made a duplicate.")
            int unconfirmedAttempts,

            @Nullable SyncReason reason,

            @Schema(description = "The provider's words, tokens masked.") @Nullable String lastError,

            @Nullable Instant nextAttemptAt) {
        static Provider from(ProviderSync sync) {
            return new Provider(
                    sync.provider().value(),
                    sync.state(),
                    sync.remoteId(),
                    sync.attempts(),
                    sync.unconfirmedAttempts(),
                    sync.reason(),
                    sync.lastError(),
                    sync.nextAttemptAt());
        }
    }
}
