package io.deviceregistry.domain;

import java.util.regex.Pattern;

/**
 * Who asks for something, by the name under which keys are issued or tokens are made out; or the registry itself. 1 to 300
 * visible characters of ASCII: room for a subject of OpenID Connect, which has up to 255.
 */
public record Caller(String name) {
    public static final int MAX_LENGTH = 300;

    private static final Pattern VISIBLE = Pattern.compile("[!-~]{1," + MAX_LENGTH + "}");

    /** What nobody asked for: that a device became stale, say. */
    public static final Caller REGISTRY = new Caller("registry");

    /** @throws InvalidValueException if the name is not of the form above */
    public Caller {
        if (!isName(name)) {
            throw new InvalidValueException("must be 1 to " + MAX_LENGTH + " visible characters of ASCII");
        }
    }

    public static boolean isName(String text) {
        return VISIBLE.matcher(text).matches();
    }

    @Override
    public String toString() {
        return name;
    }
}
