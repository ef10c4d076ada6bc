package io.deviceregistry.bootstrap.e2e;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Secrets that are looked for in texts, all of them in one pass: the files of a database have a hundred megabytes, and some
 * hundred secrets can each be there in several forms.
 */
final class Canaries {
    /** By so many characters a form is recognised, and compared from there on. */
    private static final int PREFIX = Long.BYTES;

    private final Map<Long, List<Form>> formsByPrefix = new HashMap<>();

    private record Form(String text, String secret) {}

    Canaries(Collection<String> secrets) {
        for (String secret : secrets) {
            formsOf(secret)
                    .distinct()
                    .forEach(form -> formsByPrefix
                            .computeIfAbsent(prefixOf(form), _ -> new ArrayList<>())
                            .add(new Form(form, secret)));
        }
    }

    private static long prefixOf(String form) {
        if (form.length() < PREFIX) {
            throw new IllegalArgumentException("Too short to be found by: " + form);
        }
        long prefix = 0;
        for (int i = 0; i < PREFIX; i++) {
            prefix = next(prefix, form.charAt(i));
        }
        return prefix;
    }

    private static long next(long last, char character) {
        return (last << Byte.SIZE) | (character & 0xFF);
    }

    /** As it is, as the bytes of a column are shown, and in base64 wherever in a longer text it begins. */
    private static Stream<String> formsOf(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        HexFormat hex = HexFormat.of();
        return Stream.concat(
                Stream.of(secret, hex.formatHex(bytes), hex.withUpperCase().formatHex(bytes)),
                IntStream.range(0, 3)
                        .boxed()
                        .flatMap(before -> Stream.of(Base64.getEncoder(), Base64.getUrlEncoder())
                                .map(encoder -> insideOfBase64(bytes, before, encoder))));
    }

    /** Those characters that the secret alone decides. Three bytes are four characters. */
    private static String insideOfBase64(byte[] secret, int before, Base64.Encoder encoder) {
        byte[] longer = new byte[before + secret.length];
        System.arraycopy(secret, 0, longer, before, secret.length);
        return encoder.encodeToString(longer).substring((before * 8 + 5) / 6, longer.length * 8 / 6);
    }

    /** @return those secrets that are in the text in any form */
    Set<String> foundIn(String text) {
        Set<String> found = new LinkedHashSet<>();
        long last = 0;
        for (int i = 0; i < text.length(); i++) {
            last = next(last, text.charAt(i));
            for (Form form : formsByPrefix.getOrDefault(last, List.of())) {
                if (text.startsWith(form.text, i + 1 - PREFIX)) {
                    found.add(form.secret);
                }
            }
        }
        return found;
    }
}
