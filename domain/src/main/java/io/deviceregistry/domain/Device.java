package io.deviceregistry.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One push address of one customer, to whom it belongs for its whole life.
 *
 * <p>A device begins {@code ACTIVE} with its first registration. It leaves that state when it is removed, when another
 * customer registers its token, or when it is found dead; a registration of the same token by the same customer brings
 * the same device back. Immutable: every rule returns the device as it is afterwards.
 *
 * @param removalReason present exactly while the device is {@code REMOVED}
 * @param version from 1, moves with every change but that of {@code lastSeenAt}
 */
public record Device(
        DeviceId id,
        CustomerId customer,
        DeviceType type,
        DeviceToken token,
        DeviceStatus status,
        @Nullable RemovalReason removalReason,
        long version,
        DeviceMetadata metadata,
        Instant registeredAt,
        Instant lastSeenAt) {

    /** A registration that says nothing new within this time of the last one is not written. */
    public static final Duration REFRESH_INTERVAL = Duration.ofMinutes(1);

    public Device {
        if ((status == DeviceStatus.REMOVED) != (removalReason != null)) {
            throw new IllegalArgumentException("A device has a removal reason exactly while it is removed");
        }
        if (version < 1) {
            throw new IllegalArgumentException("Versions count from 1");
        }
    }

    /** The device that a first registration of its token makes. */
    public static Device registered(DeviceId id, CustomerId customer, DeviceRegistration registration, Instant now) {
        return new Device(
                id,
                customer,
                registration.type(),
                registration.token(),
                DeviceStatus.ACTIVE,
                null,
                1,
                Objects.requireNonNullElse(registration.metadata(), DeviceMetadata.NONE),
                now,
                now);
    }

    /** This device after its customer registered its token again; itself where there is nothing to write. */
    public Device registeredAgain(DeviceRegistration registration, Instant now) {
        DeviceMetadata newMetadata = Objects.requireNonNullElse(registration.metadata(), metadata);
        boolean same = isActive() && type.equals(registration.type()) && metadata.equals(newMetadata);
        if (same && lastSeenAt.isAfter(now.minus(REFRESH_INTERVAL))) {
            return this;
        }
        return new Device(
                id,
                customer,
                registration.type(),
                token,
                DeviceStatus.ACTIVE,
                null,
                same ? version : version + 1,
                newMetadata,
                registeredAt,
                now.isAfter(lastSeenAt) ? now : lastSeenAt);
    }

    /** This device after another customer registered its token. */
    public Device transferredAway() {
        return new Device(
                id,
                customer,
                type,
                token,
                DeviceStatus.REMOVED,
                RemovalReason.TRANSFERRED,
                version + 1,
                metadata,
                registeredAt,
                lastSeenAt);
    }

    public boolean isActive() {
        return status == DeviceStatus.ACTIVE;
    }

    /** Whether a provider must be told of the step from {@code before} to this: metadata is none of its business. */
    public boolean differsForProviders(Device before) {
        return isActive() != before.isActive() || !type.equals(before.type) || !token.equals(before.token);
    }
}
