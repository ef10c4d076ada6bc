package io.deviceregistry.domain;

import java.nio.charset.StandardCharsets;

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

    /** White space of any kind, no-break spaces included. */
    static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
    }

    static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
