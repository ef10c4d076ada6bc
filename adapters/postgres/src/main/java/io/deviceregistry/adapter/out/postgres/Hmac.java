package io.deviceregistry.adapter.out.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA-256 under one key: the same for the same input, always; says nothing about it to whoever lacks the key. */
final class Hmac {
    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] key;

    /** To make one costs as much as to use it. Each has one user at a time, and is as new after its use. */
    private final Queue<Mac> idle = new ConcurrentLinkedQueue<>();

    /** @param key whose array nobody writes to */
    Hmac(byte[] key) {
        this.key = key;
    }

    byte[] of(byte[] input) {
        Mac unused = idle.poll();
        Mac mac = unused == null ? make() : unused;
        byte[] result = mac.doFinal(input);
        idle.add(mac);
        return result;
    }

    /** @param purpose keeps apart what is made for different ends; it is no token, so no hash of one is like it */
    byte[] of(String purpose, byte[]... parts) {
        int length = 1 + purpose.length();
        for (byte[] part : parts) {
            length += Integer.BYTES + part.length;
        }
        // No token begins with a control character.
        ByteBuffer input = ByteBuffer.allocate(length).put((byte) 0).put(purpose.getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : parts) {
            // With its length, lest two parts be cut elsewhere and be the same.
            input.putInt(part.length).put(part);
        }
        return of(input.array());
    }

    boolean isOf(byte[] other) {
        return MessageDigest.isEqual(key, other);
    }

    private Mac make() {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has " + ALGORITHM, e);
        }
    }
}
