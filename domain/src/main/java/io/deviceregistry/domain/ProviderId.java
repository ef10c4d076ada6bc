package io.deviceregistry.domain;

import java.util.regex.Pattern;

/** The name of an outside system that must know the devices: a lower-case word such as {@code bunce}. */
public record ProviderId(String value) {
    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    /** @throws InvalidValueException if the value is not such a word */
    public ProviderId {
        if (!WORD.matcher(value).matches()) {
            throw new InvalidValueException("must be a lower-case word of up to 32 letters, digits and '-'");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
