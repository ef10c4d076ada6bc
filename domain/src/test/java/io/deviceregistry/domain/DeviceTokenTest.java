package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTokenTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "874jwejfoiowef5974594",
                "fcm:APA91b-_.%+/=",
                "{\"endpoint\":\"https://push.example/1?a=b\"}",
                "a b",
                "'; drop table device; --",
                "漢字 😀"
            })
    void a_token_of_any_alphabet_is_kept_as_it_is(String text) {
        assertThat(new DeviceToken(text).value()).isEqualTo(text);
    }

    @Test
    void tokens_that_differ_in_case_are_different() {
        assertThat(new DeviceToken("abc")).isNotEqualTo(new DeviceToken("ABC"));
    }

    @ParameterizedTest
    @CsvSource({"a, 4096", "ä, 2048", "漢, 1365", "😀, 1024"})
    void the_longest_token_has_4096_bytes_whatever_its_characters(String character, int fitting) {
        String longest = character.repeat(fitting);

        assertThat(new DeviceToken(longest).value()).isEqualTo(longest);
        assertRefused(character.repeat(fitting + 1), "must be 1 to 4096 bytes of UTF-8");
    }

    @Test
    void an_empty_token_is_refused() {
        assertRefused("", "must be 1 to 4096 bytes of UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\uD800b", "a\uD83D", "\uDE00a", "\uDE00\uD83D"})
    void a_lone_surrogate_is_refused_since_it_has_no_utf8_form(String text) {
        assertRefused(text, "must be valid Unicode without control characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "\0", "a\0", "a\nb", "a\tb", "a\u001bb", "a\u007f", "a\u0085b"})
    void a_control_character_is_refused(String text) {
        assertRefused(text, "must be valid Unicode without control characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", " a", "a ", "\ta", "a\r\n", "\u2003a", "a\u3000", "\u00a0a", "a\u202f"})
    void surrounding_white_space_is_refused_rather_than_removed(String text) {
        assertRefused(text, "must not begin or end with white space");
    }

    @Test
    void a_token_is_never_shown() {
        String secret = "874jwejfoiowef5974594";
        DeviceRegistration registration = Examples.android(new DeviceToken(secret));
        Device device = Device.registered(Examples.anId(), Examples.CUSTOMER, registration, Examples.NOW);

        assertThat(registration.token()).hasToString("***");
        assertThat(registration.toString()).doesNotContain(secret);
        assertThat(device.toString()).doesNotContain(secret);
    }

    /** The whole message is compared, so it cannot hold the token. */
    private static void assertRefused(String text, String rule) {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> new DeviceToken(text))
                .withMessage(rule);
    }
}
