package io.deviceregistry.domain;

import java.util.regex.Pattern;

/**
 * Why a device is {@link DeviceStatus#INVALID}: a word of up to 64 letters, digits, {@code _ . :} and {@code -}. Whoever
 * reports a dead token chooses it, such as the code that the push service answered with.
 */
public record InvalidReason(String value) {
    // First: the constants below are checked against it.
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

    /** Unseen for longer than is configured for its type. */
    public static final InvalidReason STALE = new InvalidReason("STALE");

    /** Reported dead, without a reason. */
    public static final InvalidReason REPORTED = new InvalidReason("REPORTED");

    /** @throws InvalidValueException if the value is not such a word */
    public InvalidReason {
        if (!WORD.matcher(value).matches()) {
            throw new InvalidValueException("must be a word of up to 64 letters, digits, '_', '.', ':' and '-'");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
