package io.deviceregistry.domain;

/**
 * The opaque push address of a device: 1 to 4096 bytes of UTF-8, case kept, without control characters or surrounding
 * white space. No vendor's rule about length or alphabet is applied, since vendors change them.
 *
 * <p>A token is a secret: whoever has it can push to the device. {@link #toString} masks it.
 */
public record DeviceToken(String value) {
    public static final int MAX_BYTES = 4096;

    /** @throws InvalidValueException if the value is not of the form above */
    public DeviceToken {
        if (value.isEmpty() || Text.utf8Length(value) > MAX_BYTES) {
            throw new InvalidValueException("must be 1 to " + MAX_BYTES + " bytes of UTF-8");
        }
        if (Text.isSpace(value.codePointAt(0)) || Text.isSpace(value.codePointBefore(value.length()))) {
            throw new InvalidValueException("must not begin or end with white space");
        }
        if (!Text.isPlain(value)) {
            throw new InvalidValueException(Text.PLAIN);
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
