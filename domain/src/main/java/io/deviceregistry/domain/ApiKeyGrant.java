package io.deviceregistry.domain;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an API key is for. A caller may have several at once, so that one can take another's place without a gap.
 *
 * @param scopes at least one
 * @param expiresAt null for never
 */
public record ApiKeyGrant(
        Caller caller, Set<AccessScope> scopes, @Nullable Instant expiresAt) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    /** Names that mean somebody else. */
    private static final Set<String> RESERVED = Set.of("registry", "bootstrap");

    /** @throws InvalidValueException if there is no scope */
    public ApiKeyGrant {
        if (scopes.isEmpty()) {
            throw new InvalidValueException("must not be empty");
        }
        scopes = Set.copyOf(EnumSet.copyOf(scopes));
    }

    /**
     * A caller for whom keys can be issued. So short a form, which no other kind of caller has, that nobody is taken for
     * somebody else.
     *
     * @throws InvalidValueException if it is not of that form
     */
    public static Caller caller(String name) {
        if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
            throw new InvalidValueException(
                    "must be 1 to 64 characters of a-z 0-9 . _ and -, beginning with a letter or "
                            + "digit, and not 'registry' or 'bootstrap'");
        }
        return new Caller(name);
    }
}
