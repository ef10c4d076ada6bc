package io.deviceregistry.domain;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The registry's name of a device, given once and kept for the device's whole life, across changes of its token.
 *
 * <p>New ids are UUIDs of version 7 (RFC 9562), so that rows made together lie together in every index.
 */
public record DeviceId(UUID value) implements Comparable<DeviceId> {
    private static final Pattern CANONICAL = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    /** @throws InvalidValueException if the text is not a UUID in its 36 character form */
    public static DeviceId parse(String text) {
        // UUID.fromString also takes shortened groups, which would give one device many names.
        if (!CANONICAL.matcher(text).matches()) {
            throw new InvalidValueException("must be a UUID");
        }
        return new DeviceId(UUID.fromString(text));
    }

    /** As PostgreSQL orders them: by unsigned bytes, which {@link UUID#compareTo} does not do. */
    @Override
    public int compareTo(DeviceId other) {
        int high = Long.compareUnsigned(value.getMostSignificantBits(), other.value.getMostSignificantBits());
        return high != 0
                ? high
                : Long.compareUnsigned(value.getLeastSignificantBits(), other.value.getLeastSignificantBits());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
