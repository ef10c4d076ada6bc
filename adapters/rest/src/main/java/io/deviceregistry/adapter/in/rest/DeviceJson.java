package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
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

        @Schema(examples = "874jwejfoiowef5974594", description = "Null while the device is removed.") @Nullable String deviceToken,

        DeviceStatus status,

        @Schema(
                examples = "TRANSFERRED",
                description = "Only while the device is not active. REMOVED: DEREGISTERED, TRANSFERRED or REPLACED; "
                        + "INVALID: STALE, or what the reporter said.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable String statusReason,

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
                device.status() == DeviceStatus.REMOVED ? null : device.token().value(),
                device.status(),
                statusReason(device),
                device.version(),
                device.registeredAt(),
                device.lastSeenAt(),
                Metadata.from(device.metadata()));
    }

    private static @Nullable String statusReason(Device device) {
        if (device.removalReason() != null) {
            return device.removalReason().name();
        }
        return device.invalidReason() == null ? null : device.invalidReason().value();
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
    @JsonNaming(SnakeCaseStrategy.class)
    record Listed(
            List<DeviceJson> devices,

            @Schema(description = "Only if there are more.") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String nextCursor) {
        static Listed from(Page<Device, DeviceId> page) {
            return new Listed(all(page), next(page));
        }
    }

    @Schema(name = "FoundDevices")
    @JsonNaming(SnakeCaseStrategy.class)
    record Found(
            List<DeviceJson> devices,

            @Schema(description = "Null if there are no more. A page may be short, even empty, and not the last.")
            @Nullable String nextCursor) {
        static Found from(Page<Device, DeviceId> page) {
            return new Found(all(page), next(page));
        }
    }

    private static List<DeviceJson> all(Page<Device, DeviceId> page) {
        return page.items().stream().map(DeviceJson::from).toList();
    }

    private static @Nullable String next(Page<Device, DeviceId> page) {
        return page.next() == null ? null : Cursor.after(page.next());
    }

    /** The request of a registration; like all requests for the API's description only. */
    @Schema(name = "NewDevices")
    record Registering(
            @Schema(minItems = 1, maxItems = DeviceReader.MAX_DEVICES)
            List<NewDevice> devices) {}

    @Schema(name = "NewDevice")
    @JsonNaming(SnakeCaseStrategy.class)
    record NewDevice(
            @Schema(examples = "android", description = "One of the configured types, in any case.")
            String deviceType,

            @Schema(
                    examples = "874jwejfoiowef5974594",
                    description = "The push address: 1 to 4096 bytes of UTF-8, opaque.")
            String deviceToken,

            @Nullable Metadata metadata,

            @Schema(description = OBSERVED_AT) @Nullable Instant observedAt) {}

    static final String OBSERVED_AT = "When this was true, if not now; at most five minutes ahead. What is older than "
            + "what the registry knows of the device changes nothing.";

    @Schema(name = "DeviceChange", description = "What is absent or null stays as it is.")
    @JsonNaming(SnakeCaseStrategy.class)
    record Change(
            @Nullable String deviceType,

            @Schema(description = "Takes the place of the present token.") @Nullable String deviceToken,

            @Schema(description = "Takes the place of all that is known.") @Nullable Metadata metadata,

            @Schema(description = OBSERVED_AT) @Nullable Instant observedAt) {}

    @Schema(name = "TokenRotation", description = "What is absent or null stays as it is.")
    @JsonNaming(SnakeCaseStrategy.class)
    record Rotation(
            String currentDeviceToken,
            @Nullable String deviceToken,
            @Nullable String deviceType,
            @Schema(description = OBSERVED_AT) @Nullable Instant observedAt) {}

    @Schema(name = "TokenRemoval")
    @JsonNaming(SnakeCaseStrategy.class)
    record Removal(
            String deviceToken,
            @Schema(description = OBSERVED_AT) @Nullable Instant observedAt) {}

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
    record RegisteredDevice(
            UUID deviceId,
            String deviceType,
            String deviceToken,

            @Schema(
                    description =
                            "Only if the message was late and the device is not active: something newer made it so.")
            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Nullable DeviceStatus status,

            @Schema(description = "With status: TRANSFERRED if another customer registered the token since.")
            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Nullable String statusReason) {
        static RegisteredDevice from(Registration registration) {
            Device device = registration.device();
            return new RegisteredDevice(
                    device.id().value(),
                    device.type().value(),
                    device.token().value(),
                    device.isActive() ? null : device.status(),
                    DeviceJson.statusReason(device));
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
