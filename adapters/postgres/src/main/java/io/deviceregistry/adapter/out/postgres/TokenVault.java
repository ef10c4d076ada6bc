package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts tokens, and what may hold some, for storage, and makes the hashes by which they are found.
 *
 * <p>A sealed token is one byte of format (1), four bytes that name the key, the nonce (12 bytes) and AES-256-GCM's
 * output. The device's id is associated data: a sealed token moved to another device's row does not open. Random nonces
 * are safe for 2^32 tokens under one key (NIST SP 800-38D, 8.3).
 */
final class TokenVault {
    private static final byte FORMAT = 1;
    private static final int KEY_BYTES = 32;
    private static final int KEY_ID_BYTES = 4;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

    private final SecretKeySpec encryptionKey;
    private final SecretKeySpec lookupKey;
    private final byte[] keyId;
    private final SecureRandom random = new SecureRandom();

    /** @throws IllegalArgumentException naming the configuration key, if one is not base64 of 32 bytes or both are alike */
    TokenVault(String encryptionKey, String lookupKey) {
        byte[] encryption = decoded("registry.token.encryption-key", encryptionKey);
        byte[] lookup = decoded("registry.token.lookup-key", lookupKey);
        if (MessageDigest.isEqual(encryption, lookup)) {
            throw new IllegalArgumentException(
                    "registry.token.lookup-key must differ from registry.token.encryption-key");
        }
        this.encryptionKey = new SecretKeySpec(encryption, "AES");
        this.lookupKey = new SecretKeySpec(lookup, "HmacSHA256");
        this.keyId = Arrays.copyOf(
                hmac(new SecretKeySpec(encryption, "HmacSHA256"), "key id".getBytes(StandardCharsets.US_ASCII)),
                KEY_ID_BYTES);
    }

    private static byte[] decoded(String key, String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            // Not chained: its message may quote a part of the key.
            throw new IllegalArgumentException(key + " is not valid base64");
        }
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException(
                    key + " must be the base64 form of " + KEY_BYTES + " bytes, but has " + bytes.length);
        }
        return bytes;
    }

    /** The same for the same token, always; says nothing about the token to whoever lacks the key. */
    byte[] hash(DeviceToken token) {
        return hmac(lookupKey, token.value().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The same for the same parts, always; says nothing about them to whoever lacks the lookup key.
     *
     * @param purpose keeps apart what is made for different ends; it is no token, so no hash of one is like it
     */
    byte[] mac(String purpose, byte[]... parts) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        // No token begins with a control character.
        input.writeBytes(("\0" + purpose).getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : parts) {
            // With its length, lest two parts be cut elsewhere and be the same.
            input.writeBytes(
                    ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
            input.writeBytes(part);
        }
        return hmac(lookupKey, input.toByteArray());
    }

    byte[] seal(DeviceToken token, DeviceId device) {
        return seal(token.value().getBytes(StandardCharsets.UTF_8), bytes(device));
    }

    /** @param context must be given again to open it */
    byte[] seal(byte[] content, byte[] context) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] cipherText = crypt(Cipher.ENCRYPT_MODE, nonce, context, content, 0);
            return ByteBuffer.allocate(HEADER_BYTES + cipherText.length)
                    .put(FORMAT)
                    .put(keyId)
                    .put(nonce)
                    .put(cipherText)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has AES in GCM", e);
        }
    }

    /** @throws UnreadableTokenException if the token was sealed with another key, for another device, or was changed */
    DeviceToken open(byte[] sealed, DeviceId device) {
        try {
            return new DeviceToken(new String(open(sealed, bytes(device)), StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new UnreadableTokenException(device, e);
        }
    }

    /** @throws GeneralSecurityException if it was sealed with another key, in another context, or was changed */
    byte[] open(byte[] sealed, byte[] context) throws GeneralSecurityException {
        if (sealed.length < HEADER_BYTES
                || sealed[0] != FORMAT
                || !Arrays.equals(sealed, 1, 1 + KEY_ID_BYTES, keyId, 0, KEY_ID_BYTES)) {
            throw new GeneralSecurityException("Not sealed with this key");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 1 + KEY_ID_BYTES, HEADER_BYTES);
        return crypt(Cipher.DECRYPT_MODE, nonce, context, sealed, HEADER_BYTES);
    }

    private byte[] crypt(int mode, byte[] nonce, byte[] context, byte[] input, int from)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, encryptionKey, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        return cipher.doFinal(input, from, input.length - from);
    }

    private static byte[] bytes(DeviceId device) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(device.value().getMostSignificantBits())
                .putLong(device.value().getLeastSignificantBits())
                .array();
    }

    private static byte[] hmac(SecretKeySpec key, byte[] input) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has HmacSHA256", e);
        }
    }
}
