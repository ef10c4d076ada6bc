package io.deviceregistry.domain;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Customers and devices for tests. */
final class Examples {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final CustomerId CUSTOMER = new CustomerId("0000");
    static final DeviceType ANDROID = new DeviceType("android");
    static final DeviceType IOS = new DeviceType("ios");
    static final DeviceToken TOKEN = new DeviceToken("874jwejfoiowef5974594");
    static final DeviceToken OTHER_TOKEN = new DeviceToken("112bbwe348u9839845945675464");
    static final DeviceMetadata METADATA =
            new DeviceMetadata("app", "1.2", "16", "de-DE", "Europe/Berlin", Map.of("plan", "gold"));

    private Examples() {}

    /** An active android device, registered at {@link #NOW} with {@link #TOKEN}. */
    static Device aDevice() {
        return Device.registered(anId(), CUSTOMER, android(TOKEN), NOW);
    }

    static DeviceId anId() {
        return new DeviceId(UUID.randomUUID());
    }

    static DeviceRegistration android(DeviceToken token) {
        return new DeviceRegistration(ANDROID, token, null);
    }

    static DeviceRegistration ios(DeviceToken token) {
        return new DeviceRegistration(IOS, token, null);
    }

    static Device with(Device device, DeviceStatus status, @Nullable RemovalReason reason) {
        return new Device(
                device.id(),
                device.customer(),
                device.type(),
                device.token(),
                status,
                reason,
                device.version(),
                device.metadata(),
                device.registeredAt(),
                device.lastSeenAt());
    }

    static Device invalid(Device device) {
        return with(device, DeviceStatus.INVALID, null);
    }
}
