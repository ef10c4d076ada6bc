package io.deviceregistry.domain;

import io.deviceregistry.domain.InvalidMembersException.Violation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the company tells of a customer, and what a provider needs to create the customer on its side. Lengths are in
 * UTF-16 units. No form of names or phone numbers is asked for.
 *
 * @param email up to 320 characters, with an {@code @} between others
 * @param firstName up to 256 characters
 * @param lastName up to 256 characters
 * @param phoneNumber up to 64 characters
 */
public record Profile(
        @Nullable String email,
        @Nullable String firstName,
        @Nullable String lastName,
        @Nullable String phoneNumber) {

    private static final int MAX_EMAIL_LENGTH = 320;

    public static final Profile NONE = new Profile(null, null, null, null);

    /** @throws InvalidMembersException naming every part that breaks its rule, as the REST interface calls it */
    public Profile {
        List<Violation> violations = new ArrayList<>();
        Text.check(violations, email, MAX_EMAIL_LENGTH, "email");
        if (violations.isEmpty() && email != null && !hasInnerAt(email)) {
            violations.add(new Violation(List.of("email"), "must be an e-mail address"));
        }
        Text.check(violations, firstName, 256, "first_name");
        Text.check(violations, lastName, 256, "last_name");
        Text.check(violations, phoneNumber, 64, "phone_no");
        if (!violations.isEmpty()) {
            throw new InvalidMembersException(violations);
        }
    }

    /**
     * A text by which customers are looked for: one of the length and the characters that an e-mail address may have.
     *
     * @throws InvalidValueException if it is none, so that nobody can have it
     */
    public static String emailToLookFor(String text) {
        Text.ruleBrokenBy(text, MAX_EMAIL_LENGTH).ifPresent(rule -> {
            throw new InvalidValueException(rule);
        });
        return text;
    }

    private static boolean hasInnerAt(String email) {
        int at = email.lastIndexOf('@');
        return at > 0 && at < email.length() - 1;
    }

    /** Says that there is one and nothing of what is in it. */
    @Override
    public String toString() {
        return equals(NONE) ? "no profile" : "a profile";
    }
}
