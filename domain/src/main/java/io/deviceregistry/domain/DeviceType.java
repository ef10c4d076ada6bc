package io.deviceregistry.domain;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The platform that a token belongs to, such as {@code android}: a lower-case word of up to 32 characters. Input is
 * case-insensitive. Which words are accepted is configured: see {@link DeviceTypes}.
 */
public record DeviceType(String value) implements Comparable<DeviceType> {
    /** Checked before the case is changed: some letters beyond ASCII have a lower case within it. */
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,31}");

    /** @throws InvalidValueException if the value is not such a word */
    public DeviceType {
        if (!WORD.matcher(value).matches()) {
            throw new InvalidValueException("must be a word of up to 32 letters, digits, '_' and '-'");
        }
        value = value.toLowerCase(Locale.ROOT);
    }

    @Override
    public int compareTo(DeviceType other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
