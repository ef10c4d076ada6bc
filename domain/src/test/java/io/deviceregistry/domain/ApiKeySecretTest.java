package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deviceregistry.domain.ApiKeySecret.Environment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeySecretTest {
    private final ApiKeySecret secret = ApiKeySecret.generate(Environment.LIVE, new SecureRandom());

    @ParameterizedTest
    @EnumSource
    void a_key_tells_its_environment_and_is_known_again(Environment environment) {
        String key = ApiKeySecret.generate(environment, new SecureRandom()).value();

        assertThat(key).matches("dr_" + environment.name().toLowerCase(Locale.ROOT) + "_[0-9A-Za-z]{38}");
        assertThat(ApiKeySecret.parse(key)).contains(new ApiKeySecret(key));
    }

    @Test
    void its_end_is_the_crc_of_what_comes_before_in_62_digits() {
        String key = secret.value();
        CRC32 crc = new CRC32();
        crc.update(key.substring(0, key.length() - 6).getBytes(StandardCharsets.US_ASCII));
        long number = 0;
        for (char digit : key.substring(key.length() - 6).toCharArray()) {
            number = number * 62 + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".indexOf(digit);
        }

        assertThat(number).isEqualTo(crc.getValue());
    }

    @Test
    void a_changed_character_anywhere_is_noticed() {
        for (int i = 0; i < secret.value().length(); i++) {
            StringBuilder changed = new StringBuilder(secret.value());
            changed.setCharAt(i, changed.charAt(i) == 'a' ? 'b' : 'a');

            assertThat(ApiKeySecret.parse(changed.toString())).as("at %d", i).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "dr_live_",
                "local-development-key-not-secret",
                "dr_prod_00000000000000000000000000000000000000"
            })
    void what_is_no_key_is_none(String text) {
        assertThat(ApiKeySecret.parse(text)).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeySecret(text));
    }

    @Test
    void all_digits_occur_and_no_key_twice() {
        Set<String> keys = new HashSet<>();
        Set<Integer> digits = new HashSet<>();
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            String key = ApiKeySecret.generate(Environment.TEST, random).value();
            keys.add(key);
            key.substring("dr_test_".length()).chars().forEach(digits::add);
        }

        assertThat(keys).hasSize(1_000);
        assertThat(digits).hasSize(62);
    }

    @Test
    void only_its_hash_and_its_end_are_told() throws Exception {
        assertThat(secret).hasToString("***");
        assertThat(secret.hash())
                .isEqualTo(MessageDigest.getInstance("SHA-256")
                        .digest(secret.value().getBytes(StandardCharsets.US_ASCII)));
        assertThat(secret.value()).endsWith(secret.hint());
        assertThat(secret.hint()).hasSize(4);
    }
}
