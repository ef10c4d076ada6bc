package io.deviceregistry.domain;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * An API key as its caller shows it: {@code dr_live_} or {@code dr_test_}, 32 random letters and digits (190 bits), and six
 * more that are the CRC-32 of all that. So what looks for secrets in code and logs knows one, and a key that was cut or
 * mistyped is refused without a look into the store. {@link #toString} masks it.
 */
public record ApiKeySecret(String value) {

    /** Keeps keys of a system that matters from one that does not. */
    public enum Environment {
        LIVE("live"),
        TEST("test");

        private final String word;

        Environment(String word) {
            this.word = word;
        }
    }

    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int RANDOM_LENGTH = 32;
    private static final int CHECKSUM_LENGTH = 6;
    private static final int HINT_LENGTH = 4;
    private static final Pattern FORM =
            Pattern.compile("dr_(live|test)_[0-9A-Za-z]{" + (RANDOM_LENGTH + CHECKSUM_LENGTH) + "}");

    /** @throws IllegalArgumentException if the value is not of that form, or its checksum is wrong */
    public ApiKeySecret {
        if (!isOne(value)) {
            throw new IllegalArgumentException("Not an API key");
        }
    }

    /** @param random must be good enough for secrets */
    public static ApiKeySecret generate(Environment environment, RandomGenerator random) {
        StringBuilder key = new StringBuilder("dr_" + environment.word + "_");
        for (int i = 0; i < RANDOM_LENGTH; i++) {
            key.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
        }
        return new ApiKeySecret(key + checksum(key.toString()));
    }

    /** Empty if it cannot be an API key. */
    public static Optional<ApiKeySecret> parse(String text) {
        return isOne(text) ? Optional.of(new ApiKeySecret(text)) : Optional.empty();
    }

    private static boolean isOne(String text) {
        int end = text.length() - CHECKSUM_LENGTH;
        return FORM.matcher(text).matches() && checksum(text.substring(0, end)).equals(text.substring(end));
    }

    private static String checksum(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        char[] digits = new char[CHECKSUM_LENGTH];
        long rest = crc.getValue();
        for (int i = digits.length - 1; i >= 0; i--) {
            digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
            rest /= DIGITS.length();
        }
        return new String(digits);
    }

    /** SHA-256, which is enough: what it is made of is random, so nobody finds it by trying. */
    public byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    /** Its last characters, which say little of the others. */
    public String hint() {
        return value.substring(value.length() - HINT_LENGTH);
    }

    @Override
    public String toString() {
        return "***";
    }
}
