package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.adapter.out.postgres.Transactions.OvertakenException;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts tokens, and what may hold some, for storage, and makes the hashes by which they are found.
 *
 * <p>A sealed token is one byte of format (1), four bytes that name the key, the nonce (12 bytes) and AES-256-GCM's
 * output. The device's id is associated data: a sealed token moved to another device's row does not open. Random nonces
 * are safe for 2^32 tokens under one key (NIST SP 800-38D, 8.3).
 */
final class TokenVault {
    static final String LOOKUP_KEY = "registry.token.lookup-key";
    static final String NEXT_LOOKUP_KEY = "registry.token.next-lookup-key";

    private static final Logger LOG = System.getLogger(TokenVault.class.getName());

    private static final byte FORMAT = 1;
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEADER_BYTES = 1 + KeyId.BYTES + NONCE_BYTES;

    private final Map<KeyId, SecretKeySpec> encryptionKeys = new HashMap<>();
    private final KeyId sealingKey;
    private final Map<KeyId, Hmac> lookupKeys = new HashMap<>();
    private final KeyId lookupKey;
    private final @Nullable KeyId nextLookupKey;
    private final SecureRandom random = new SecureRandom();

    /** To look one up costs as much as to use it. Each has one user at a time, and begins anew with the next one. */
    private final Queue<Cipher> idleCiphers = new ConcurrentLinkedQueue<>();

    /** For the phase that the database was in when it was last asked. */
    private volatile TokenHashes hashes;

    /**
     * @param further keys that only open
     * @param nextLookup which is to take the lookup key's place, if any
     * @throws IllegalArgumentException naming the configuration key, if one is not base64 of 32 bytes or two are alike
     */
    TokenVault(String encryptionKey, List<String> further, String lookupKey, @Nullable String nextLookup) {
        this.lookupKey = addLookup(LOOKUP_KEY, lookupKey);
        this.nextLookupKey = nextLookup == null ? null : addLookup(NEXT_LOOKUP_KEY, nextLookup);
        this.sealingKey = add("registry.token.encryption-key", encryptionKey);
        further.forEach(key -> add("registry.token.further-encryption-keys", key));
        this.hashes = hashesIn(new LookupPhase(this.lookupKey, null));
    }

    private KeyId addLookup(String name, String base64) {
        Hmac key = new Hmac(decoded(name, base64));
        KeyId id = KeyId.of(key.of("key id"));
        if (lookupKeys.put(id, key) != null) {
            throw new IllegalArgumentException(name + " must differ from " + LOOKUP_KEY);
        }
        return id;
    }

    private KeyId add(String name, String base64) {
        byte[] key = decoded(name, base64);
        lookupKeys.forEach((id, lookup) -> {
            if (lookup.isOf(key)) {
                throw new IllegalArgumentException(
                        (id.equals(lookupKey) ? LOOKUP_KEY : NEXT_LOOKUP_KEY) + " must differ from " + name);
            }
        });
        KeyId id = KeyId.of(new Hmac(key).of("key id".getBytes(StandardCharsets.US_ASCII)));
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

    /** Of {@code registry.token.lookup-key}, which need not be the one in use. */
    KeyId lookupKeyId() {
        return lookupKey;
    }

    /** Of {@code registry.token.next-lookup-key}. */
    Optional<KeyId> nextLookupKeyId() {
        return Optional.ofNullable(nextLookupKey);
    }

    /** Of both. */
    Set<KeyId> knownLookupKeyIds() {
        return lookupKeys.keySet();
    }

    /** For the phase that the database was in when it was last asked; it may be in another one by now. */
    TokenHashes hashes() {
        return hashes;
    }

    /** Of each key that is known by itself, the one in use first. */
    List<TokenHashes> hashesOfEachKey() {
        KeyId first = hashes.phase().key();
        return Stream.concat(Stream.of(first), lookupKeys.keySet().stream().filter(id -> !id.equals(first)))
                .map(id -> hashesIn(new LookupPhase(id, null)))
                .toList();
    }

    /**
     * From now on {@link #hashes} are those of this phase.
     *
     * @throws StoreUnavailableException if it needs a key that is not known here
     */
    void enter(LookupPhase phase) {
        if (phase.equals(hashes.phase())) {
            return;
        }
        for (KeyId key : phase.keys()) {
            if (!lookupKeys.containsKey(key)) {
                String lack = "Tokens in the database are found by the key of the name " + key + ", which is neither "
                        + LOOKUP_KEY + " nor " + NEXT_LOOKUP_KEY;
                LOG.log(Level.ERROR, lack);
                throw new StoreUnavailableException(new IllegalStateException(lack));
            }
        }
        hashes = hashesIn(phase);
    }

    /**
     * Lets a transaction go on only if the hashes that it works with are those of the database, and may be called once it
     * read or wrote a device. Else the next ones will be.
     *
     * @throws OvertakenException if they are others
     * @throws StoreUnavailableException as {@link #enter} does
     */
    void require(TokenHashes used, LookupPhase phase) {
        if (!used.phase().equals(phase)) {
            enter(phase);
            throw new OvertakenException();
        }
    }

    private TokenHashes hashesIn(LookupPhase phase) {
        return new TokenHashes(
                phase,
                requireNonNull(lookupKeys.get(phase.key())),
                phase.next() == null ? null : lookupKeys.get(phase.next()));
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
}
