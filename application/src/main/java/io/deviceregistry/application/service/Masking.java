package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.domain.DeviceToken;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a provider's words safe and short enough to keep: providers like to quote the token that they refuse, as it is,
 * escaped, or cut off.
 */
final class Masking {
    private static final int MAX_LENGTH = 500;

    /** So much of a token's beginning is taken for the token; whatever follows of it is masked as well. */
    private static final int TELLING_LENGTH = 8;

    private static final String MASK = "***";

    /** The longest first: a token may be part of another one, whose rest would stay readable. */
    private final List<String> secrets;

    private Masking(List<String> secrets) {
        this.secrets = secrets;
    }

    static Masking ofTokensIn(SyncLease lease) {
        return of(lease.tasks().stream()
                .flatMap(task -> Stream.concat(
                        Stream.of(
                                task.device().token(),
                                task.holding() == null ? null : task.holding().token()),
                        task.formerTokens().stream()))
                .filter(Objects::nonNull));
    }

    static Masking of(Stream<DeviceToken> tokens) {
        return new Masking(tokens.map(DeviceToken::value)
                .flatMap(Masking::writings)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList());
    }

    /** As it is, in JSON with and without escaped slashes, in a URL's path and query. */
    private static Stream<String> writings(String token) {
        String json = token.replace("\\", "\\\\").replace("\"", "\\\"");
        String query = URLEncoder.encode(token, StandardCharsets.UTF_8);
        return Stream.of(token, json, json.replace("/", "\\/"), query, query.replace("+", "%20"));
    }

    /** Without tokens, without characters that a database or a log may refuse, and not too long. */
    String mask(String words) {
        String masked = words;
        for (String secret : secrets) {
            masked = masked.replace(secret, MASK);
        }
        // Only then, or the beginning that two tokens share would leave the end of the second.
        for (String secret : secrets) {
            masked = maskBeginnings(masked, secret);
        }
        StringBuilder plain = new StringBuilder();
        masked.substring(0, Math.min(masked.length(), MAX_LENGTH))
                .codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? ' ' : c)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }

    @Nullable String maskIfAny(@Nullable String words) {
        return words == null ? null : mask(words);
    }

    private static String maskBeginnings(String words, String secret) {
        if (secret.length() < TELLING_LENGTH) {
            return words;
        }
        String telling = secret.substring(0, TELLING_LENGTH);
        StringBuilder masked = new StringBuilder();
        int from = 0;
        for (int at = words.indexOf(telling); at >= 0; at = words.indexOf(telling, from)) {
            masked.append(words, from, at).append(MASK);
            from = at + commonLength(words, at, secret);
        }
        return masked.append(words, from, words.length()).toString();
    }

    private static int commonLength(String words, int at, String secret) {
        int length = 0;
        while (length < secret.length()
                && at + length < words.length()
                && words.charAt(at + length) == secret.charAt(length)) {
            length++;
        }
        return length;
    }
}
