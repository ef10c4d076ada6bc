package io.deviceregistry.domain;

import java.util.UUID;

/** The name of an API key, which is no secret. */
public record ApiKeyId(UUID value) {

    /** @throws InvalidValueException if the text is not a UUID in its 36 character form */
    public static ApiKeyId parse(String text) {
        return new ApiKeyId(DeviceId.parse(text).value());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
