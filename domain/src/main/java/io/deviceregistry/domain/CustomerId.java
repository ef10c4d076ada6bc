package io.deviceregistry.domain;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The company's own, opaque name of a customer: 1 to 128 characters of {@code A-Z a-z 0-9 . _ ~ : @ + | = -}.
 *
 * <p>{@code 0000}, a UUID, a ULID and {@code auth0|5f7c} are all fine. Dot segments, which URL software removes, and
 * the words that stand in a customer's place in the REST paths are not.
 */
public record CustomerId(String value) {
    public static final int MAX_LENGTH = 128;
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._~:@+|=-]{1," + MAX_LENGTH + "}");
    private static final Set<String> RESERVED = Set.of(".", "..", "bulk", "bulk-update");

    /** @throws InvalidValueException if the value is not of the form above */
    public CustomerId {
        if (!ALLOWED.matcher(value).matches()) {
            throw new InvalidValueException(
                    "must be 1 to " + MAX_LENGTH + " characters of A-Z a-z 0-9 . _ ~ : @ + | = and -");
        }
        if (RESERVED.contains(value)) {
            throw new InvalidValueException(
                    "must not be one of the reserved words '.', '..', 'bulk' and 'bulk-update'");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
