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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
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
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEADER_BYTES = 1 + KeyId.BYTES + NONCE_BYTES;

    private final Map<KeyId, SecretKeySpec> encryptionKeys = new HashMap<>();
    private final KeyId sealingKey;
    private final SecretKeySpec lookupKey;
    private final SecureRandom random = new SecureRandom();

    /** To look one up costs as much as to use it. Each has one user at a time, and begins anew with the next one. */
    private final Queue<Cipher> idleCiphers = new ConcurrentLinkedQueue<>();

    /**
     * @param further keys that only open
     * @throws IllegalArgumentException naming the configuration key, if one is not base64 of 32 bytes or two are alike
     */
    TokenVault(String encryptionKey, List<String> further, String lookupKey) {
        byte[] lookup = decoded("registry.token.lookup-key", lookupKey);
        this.lookupKey = new SecretKeySpec(lookup, "HmacSHA256");
        this.sealingKey = add("registry.token.encryption-key", encryptionKey, lookup);
        further.forEach(key -> add("registry.token.further-encryption-keys", key, lookup));
    }

    private KeyId add(String name, String base64, byte[] lookup) {
        byte[] key = decoded(name, base64);
        if (MessageDigest.isEqual(key, lookup)) {
            throw new IllegalArgumentException("registry.token.lookup-key must differ from " + name);
        }
        KeyId id = KeyId.of(hmac(new SecretKeySpec(key, "HmacSHA256"), "key id".getBytes(StandardCharsets.US_ASCII)));
        if (encryptionKeys.put(id, new SecretKeySpec(key, "AES")) != null) {
            throw new IllegalArgumentException(name + " must not have the same key twice, nor that of another setting");
        }
        return id;
    }

    /** Of the key that seals. */
    KeyId sealingKeyId() {
        return sealingKey;
    }

    /** Of all keys that open. */
    Set<KeyId> knownKeyIds() {
        return encryptionKeys.keySet();
    }

    KeyId lookupKeyId() {
        return KeyId.of(mac("key id"));
    }

    /** Of the key that something was sealed with, be it known or not. */
    static KeyId keyOf(byte[] sealed) {
        return KeyId.of(Arrays.copyOfRange(sealed, 1, 1 + KeyId.BYTES));
    }

    /** The name of the key that a column's content was sealed with, if it is whole, as PostgreSQL finds it. */
    static String keyInSql(String column) {
        return "substring(%s from 2 for %d)".formatted(column, KeyId.BYTES);
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
            byte[] cipherText = crypt(Cipher.ENCRYPT_MODE, key(sealingKey), nonce, context, content, 0);
            return ByteBuffer.allocate(HEADER_BYTES + cipherText.length)
                    .put(FORMAT)
                    .put(sealingKey.bytes())
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
        if (!isWhole(sealed)) {
            throw new GeneralSecurityException("Not sealed by the registry");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 1 + KeyId.BYTES, HEADER_BYTES);
        return crypt(Cipher.DECRYPT_MODE, key(keyOf(sealed)), nonce, context, sealed, HEADER_BYTES);
    }

    /** Whether it is of the form above, whatever key it was sealed with. */
    static boolean isWhole(byte[] sealed) {
        return sealed.length >= HEADER_BYTES && sealed[0] == FORMAT;
    }

    /**
     * The same token, sealed with the key that is in use.
     *
     * @throws GeneralSecurityException as {@link #open(byte[], byte[])} does
     */
    byte[] reseal(byte[] sealed, DeviceId device) throws GeneralSecurityException {
        return seal(open(sealed, bytes(device)), bytes(device));
    }

    private SecretKeySpec key(KeyId id) throws GeneralSecurityException {
        SecretKeySpec key = encryptionKeys.get(id);
        if (key == null) {
            throw new GeneralSecurityException("Sealed with the key of the name " + id + ", which is not configured");
        }
        return key;
    }

    private byte[] crypt(int mode, SecretKeySpec key, byte[] nonce, byte[] context, byte[] input, int from)
            throws GeneralSecurityException {
        Cipher idle = idleCiphers.poll();
        Cipher cipher = idle == null ? Cipher.getInstance("AES/GCM/NoPadding") : idle;
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        byte[] output = cipher.doFinal(input, from, input.length - from);
        idleCiphers.add(cipher);
        return output;
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
