package io.deviceregistry.domain;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;

/** Customers, devices and messages for tests, which happen at {@link #LATER} if nothing else is said. */
final class Examples {
    /** Minute 0: the devices that there are were registered. */
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    static final Instant LATER = minute(60);

    static final CustomerId CUSTOMER = new CustomerId("0000");
    static final CustomerId ANOTHER = new CustomerId("auth0|5f7c");
    static final Caller CALLER = new Caller("shop-backend");
    static final Caller ANOTHER_CALLER = new Caller("crm");
    static final DeviceType ANDROID = new DeviceType("android");
    static final DeviceType IOS = new DeviceType("ios");
    static final DeviceToken TOKEN = new DeviceToken("874jwejfoiowef5974594");
    static final DeviceToken OTHER_TOKEN = new DeviceToken("112bbwe348u9839845945675464");
    static final DeviceToken THIRD_TOKEN = new DeviceToken("fcm:APA91b");
    static final DeviceMetadata METADATA =
            new DeviceMetadata("app", "1.2", "16", "de-DE", "Europe/Berlin", Map.of("plan", "gold"));
    static final InvalidReason UNREGISTERED = new InvalidReason("UNREGISTERED");

    private Examples() {}

    static Instant minute(int minute) {
        return NOW.plus(minute, ChronoUnit.MINUTES);
    }

    static Observation observedAt(int minute) {
        return new Observation(minute(minute));
    }

    static DeviceId anId() {
        return new DeviceId(UUID.randomUUID());
    }

    /** An active android device, registered at {@link #NOW} with {@link #TOKEN}. */
    static Device aDevice() {
        return aDevice(CUSTOMER, TOKEN);
    }

    static Device aDevice(CustomerId customer, DeviceToken token) {
        return aDevice(customer, token, 0);
    }

    static Device aDevice(CustomerId customer, DeviceToken token, int minute) {
        return Device.registered(anId(), customer, android(token), minute(minute));
    }

    static Device removed(Device device, int minute) {
        return device.removed(RemovalReason.DEREGISTERED, Observation.ON_ARRIVAL, minute(minute));
    }

    static Device transferred(Device device, int minute) {
        return device.removed(RemovalReason.TRANSFERRED, Observation.ON_ARRIVAL, minute(minute));
    }

    static Device invalid(Device device, int minute) {
        return device.foundDead(InvalidReason.REPORTED, Observation.ON_ARRIVAL, minute(minute));
    }

    static DeviceRegistration android(DeviceToken token) {
        return new DeviceRegistration(ANDROID, token, null);
    }

    static DeviceRegistration android(DeviceToken token, Observation observed) {
        return new DeviceRegistration(ANDROID, token, null, observed);
    }

    static DeviceRegistration ios(DeviceToken token) {
        return new DeviceRegistration(IOS, token, null);
    }

    static DeviceRegistration ios(DeviceToken token, Observation observed) {
        return new DeviceRegistration(IOS, token, null, observed);
    }

    static DeviceUpdate rotationTo(DeviceToken token) {
        return rotationTo(token, Observation.ON_ARRIVAL);
    }

    static DeviceUpdate rotationTo(DeviceToken token, Observation observed) {
        return new DeviceUpdate(null, token, null, observed);
    }
}
