package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.domain.DeviceToken;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Makes the hashes by which tokens are found in one {@link LookupPhase}: the same for the same token, always; they say
 * nothing about it to whoever lacks the key.
 */
final class TokenHashes {
    private final LookupPhase phase;
    private final Hmac key;
    private final @Nullable Hmac next;

    TokenHashes(LookupPhase phase, Hmac key, @Nullable Hmac next) {
        this.phase = phase;
        this.key = key;
        this.next = next;
    }

    LookupPhase phase() {
        return phase;
    }

    byte[] of(DeviceToken token) {
        return key.of(token.value().getBytes(StandardCharsets.UTF_8));
    }

    /** By the key that is to take the other one's place, in a phase of two keys. */
    byte[] next(DeviceToken token) {
        return requireNonNull(next).of(token.value().getBytes(StandardCharsets.UTF_8));
    }

    /** As {@link Hmac#of(String, byte[]...)}, by the key in use. */
    byte[] mac(String purpose, byte[]... parts) {
        return key.of(purpose, parts);
    }
}
