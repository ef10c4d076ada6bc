package io.deviceregistry.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One push address of one customer, to whom it belongs for its whole life.
 *
 * <p>A device begins {@code ACTIVE} with its first registration. It leaves that state when it is removed, when another
 * customer registers its token, or when it is found dead; a registration of the same token by the same customer brings
 * the same device back, unless another device of that customer took its token and its place ({@code REPLACED}). Immutable:
 * every rule returns the device as it is afterwards, itself where nothing changes. What happens to several devices together
 * is said by {@link Registry}.
 *
 * @param removalReason present exactly while the device is {@code REMOVED}
 * @param invalidReason present exactly while the device is {@code INVALID}
 * @param version from 1, moves with every change but those of the times
 * @param lastSeenAt when the app was last known to use this token, to {@link #REFRESH_INTERVAL}
 * @param asOf the time of the newest message that the device reflects; older ones are ignored
 * @param statusSince when the registry gave it its present status
 */
public record Device(
        DeviceId id,
        CustomerId customer,
        DeviceType type,
        DeviceToken token,
        DeviceStatus status,
        @Nullable RemovalReason removalReason,
        @Nullable InvalidReason invalidReason,
        long version,
        DeviceMetadata metadata,
        Instant registeredAt,
        Instant lastSeenAt,
        Instant asOf,
        Instant statusSince) {

    /**
     * A registration that says nothing new within this time of the last one is not written, unless it tells when it was
     * true.
     */
    public static final Duration REFRESH_INTERVAL = Duration.ofMinutes(1);

    public Device {
        if ((status == DeviceStatus.REMOVED) != (removalReason != null)) {
            throw new IllegalArgumentException("A device has a removal reason exactly while it is removed");
        }
        if ((status == DeviceStatus.INVALID) != (invalidReason != null)) {
            throw new IllegalArgumentException("A device has an invalid reason exactly while it is invalid");
        }
        if (version < 1) {
            throw new IllegalArgumentException("Versions count from 1");
        }
        if (asOf.isBefore(lastSeenAt)) {
            throw new IllegalArgumentException("Having been seen is a part of what a device reflects");
        }
    }

    /** The device that a first registration of its token makes. */
    public static Device registered(DeviceId id, CustomerId customer, DeviceRegistration registration, Instant now) {
        return first(id, customer, registration, DeviceStatus.ACTIVE, null, now);
    }

    /** The device that a first registration makes which arrives after another customer took the token. */
    public static Device superseded(DeviceId id, CustomerId customer, DeviceRegistration registration, Instant now) {
        return first(id, customer, registration, DeviceStatus.REMOVED, RemovalReason.TRANSFERRED, now);
    }

    private static Device first(
            DeviceId id,
            CustomerId customer,
            DeviceRegistration registration,
            DeviceStatus status,
            @Nullable RemovalReason removalReason,
            Instant now) {
        Instant seen = registration.observed().instant(now);
        return new Device(
                id,
                customer,
                registration.type(),
                registration.token(),
                status,
                removalReason,
                null,
                1,
                Objects.requireNonNullElse(registration.metadata(), DeviceMetadata.NONE),
                now,
                seen,
                seen,
                now);
    }

    /** This device after its customer registered its token again. */
    public Device registeredAgain(DeviceRegistration registration, Instant now) {
        Instant seen = registration.observed().instant(now);
        // A time that was given is compared with times of other messages, so it is kept to the last.
        boolean newTime = registration.observed().at() != null && seen.isAfter(asOf);
        if (is(registration) && !newTime && lastSeenAt.isAfter(seen.minus(REFRESH_INTERVAL))) {
            return this;
        }
        return next(now, draft -> {
            draft.status = DeviceStatus.ACTIVE;
            draft.type = registration.type();
            draft.metadata = Objects.requireNonNullElse(registration.metadata(), metadata);
            draft.seen(seen);
        });
    }

    /** Whether this is active and all that its customer says of its token, but for the time. */
    boolean is(DeviceRegistration registration) {
        return isActive()
                && type.equals(registration.type())
                && (registration.metadata() == null || metadata.equals(registration.metadata()));
    }

    /** This device after a change that its customer asked for. A new token revives one that was found dead. */
    public Device changed(DeviceUpdate update, Instant now) {
        return next(now, draft -> {
            draft.type = Objects.requireNonNullElse(update.type(), type);
            draft.metadata = Objects.requireNonNullElse(update.metadata(), metadata);
            draft.reflect(update.observed().instant(now));
            if (update.token() != null && !update.token().equals(token)) {
                draft.token = update.token();
                draft.status = DeviceStatus.ACTIVE;
                draft.seen(update.observed().instant(now));
            }
        });
    }

    /** This device after its customer, or another one, no longer wants or no longer has it. */
    public Device removed(RemovalReason reason, Observation observed, Instant now) {
        return next(now, draft -> {
            draft.status = DeviceStatus.REMOVED;
            draft.removalReason = reason;
            draft.reflect(observed.instant(now));
        });
    }

    /** This device, which got its token by a late message, after it learned what happened to the token since. */
    Device inPlaceOf(Device newer, Instant now) {
        return next(now, draft -> {
            draft.type = newer.type;
            draft.metadata = newer.metadata;
            draft.status = newer.status;
            draft.removalReason = newer.removalReason;
            draft.invalidReason = newer.invalidReason;
            draft.seen(newer.lastSeenAt);
            draft.reflect(newer.asOf);
        });
    }

    /**
     * This device after somebody found that pushes to it do not arrive; unless it was seen after that, which is known to
     * {@link #REFRESH_INTERVAL} only.
     */
    public Device foundDead(InvalidReason reason, Observation observed, Instant now) {
        return !isActive() || observed.isOlderThan(asOf) || !observed.isAfter(lastSeenAt.plus(REFRESH_INTERVAL), now)
                ? this
                : next(now, draft -> {
                    draft.status = DeviceStatus.INVALID;
                    draft.invalidReason = reason;
                    draft.reflect(observed.instant(now));
                });
    }

    /** This device after it was looked at for its age. */
    public Device expired(Duration age, Instant now) {
        return !isActive() || !lastSeenAt.isBefore(now.minus(age))
                ? this
                : next(now, draft -> {
                    draft.status = DeviceStatus.INVALID;
                    draft.invalidReason = InvalidReason.STALE;
                });
    }

    public boolean isActive() {
        return status == DeviceStatus.ACTIVE;
    }

    /** Whether the customer still knows this device by its token; one that was replaced has given it up for good. */
    public boolean hasToken() {
        return removalReason != RemovalReason.REPLACED;
    }

    /** Whether a provider must be told of the step from {@code before} to this: metadata is none of its business. */
    public boolean differsForProviders(@Nullable Device before) {
        return before == null
                ? isActive()
                : isActive() != before.isActive()
                        || (isActive() && !(type.equals(before.type) && token.equals(before.token)));
    }

    private Device next(Instant now, Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish(this, now);
    }

    /** What may change in the life of a device. */
    private static final class Draft {
        private DeviceType type;
        private DeviceToken token;
        private DeviceStatus status;
        private @Nullable RemovalReason removalReason;
        private @Nullable InvalidReason invalidReason;
        private DeviceMetadata metadata;
        private Instant lastSeenAt;
        private Instant asOf;

        Draft(Device device) {
            type = device.type;
            token = device.token;
            status = device.status;
            removalReason = device.removalReason;
            invalidReason = device.invalidReason;
            metadata = device.metadata;
            lastSeenAt = device.lastSeenAt;
            asOf = device.asOf;
        }

        void seen(Instant at) {
            lastSeenAt = later(lastSeenAt, at);
            reflect(at);
        }

        void reflect(Instant at) {
            asOf = later(asOf, at);
        }

        Device finish(Device before, Instant now) {
            boolean same = status == before.status
                    && type.equals(before.type)
                    && token.equals(before.token)
                    && metadata.equals(before.metadata)
                    && removalReason == before.removalReason;
            return new Device(
                    before.id,
                    before.customer,
                    type,
                    token,
                    status,
                    status == DeviceStatus.REMOVED ? removalReason : null,
                    status == DeviceStatus.INVALID ? invalidReason : null,
                    same ? before.version : before.version + 1,
                    metadata,
                    before.registeredAt,
                    lastSeenAt,
                    asOf,
                    status == before.status ? before.statusSince : now);
        }

        private static Instant later(Instant one, Instant other) {
            return one.isAfter(other) ? one : other;
        }
    }
}
