package io.deviceregistry.domain;

import java.util.UUID;

/** The name of one import. */
public record ImportId(UUID value) {

    /** @throws InvalidValueException if the text is not a UUID in its 36 character form */
    public static ImportId parse(String text) {
        return new ImportId(DeviceId.parse(text).value());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
