package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.domain.DeviceToken;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Makes the hashes by which tokens are found in one {@link LookupPhase}: the same for the same token, always; they say
 * nothing about it to whoever lacks the key.
 */
final class TokenHashes {
    private final LookupPhase phase;
    private final SecretKeySpec key;
    private final @Nullable SecretKeySpec next;

    TokenHashes(LookupPhase phase, SecretKeySpec key, @Nullable SecretKeySpec next) {
        this.phase = phase;
        this.key = key;
        this.next = next;
    }

    LookupPhase phase() {
        return phase;
    }

    byte[] of(DeviceToken token) {
        return hmac(key, token.value().getBytes(StandardCharsets.UTF_8));
    }

    /** By the key that is to take the other one's place, in a phase of two keys. */
    byte[] next(DeviceToken token) {
        return hmac(requireNonNull(next), token.value().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The same for the same parts, always; says nothing about them to whoever lacks the lookup key.
     *
     * @param purpose keeps apart what is made for different ends; it is no token, so no hash of one is like it
     */
    byte[] mac(String purpose, byte[]... parts) {
        return mac(key, purpose, parts);
    }

    static byte[] mac(SecretKeySpec key, String purpose, byte[]... parts) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        // No token begins with a control character.
        input.writeBytes(("\0" + purpose).getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : parts) {
            // With its length, lest two parts be cut elsewhere and be the same.
            input.writeBytes(
                    ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
            input.writeBytes(part);
        }
        return hmac(key, input.toByteArray());
    }

    static byte[] hmac(SecretKeySpec key, byte[] input) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has HmacSHA256", e);
        }
    }
}
