package io.deviceregistry.domain;

import java.util.UUID;

/** The name of one erasure of a customer. */
public record ErasureId(UUID value) {

    /** @throws InvalidValueException if the text is not a UUID in its 36 character form */
    public static ErasureId parse(String text) {
        return new ErasureId(DeviceId.parse(text).value());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
