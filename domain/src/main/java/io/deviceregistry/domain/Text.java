package io.deviceregistry.domain;

import io.deviceregistry.domain.InvalidMembersException.Violation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What makes a text storable and sendable without being changed on the way. */
final class Text {
    /** The rule that {@link #isPlain} checks. */
    static final String PLAIN = "must be valid Unicode without control characters";

    private Text() {}

    /**
     * Whether the text has no control character (Unicode category Cc), NUL included, and no surrogate that stands alone:
     * such a text has no UTF-8 form, and Java's usual encoding would silently put a question mark in its place.
     */
    static boolean isPlain(String text) {
        return text.codePoints()
                .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    }

    /** The rule that a text of this kind breaks, if any. Lengths are in UTF-16 units. */
    static Optional<String> ruleBrokenBy(String text, int maxLength) {
        if (text.isEmpty() || text.length() > maxLength) {
            return Optional.of("must be 1 to " + maxLength + " characters");
        }
        return isPlain(text) ? Optional.empty() : Optional.of(PLAIN);
    }

    /** Notes the rule that a member breaks; one that is absent breaks none. */
    static void check(List<Violation> violations, @Nullable String value, int maxLength, String... path) {
        if (value != null) {
            ruleBrokenBy(value, maxLength).ifPresent(rule -> violations.add(new Violation(List.of(path), rule)));
        }
    }

    /** White space of any kind, no-break spaces included. */
    static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
    }

    static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
