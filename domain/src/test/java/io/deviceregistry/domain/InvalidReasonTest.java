package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InvalidReasonTest {

    @ParameterizedTest
    @ValueSource(strings = {"UNREGISTERED", "BadDeviceToken", "410", "fcm:not-registered", "apns.Unregistered_1"})
    void the_code_of_a_push_service_is_kept_as_it_is(String text) {
        assertThat(new InvalidReason(text).value()).isEqualTo(text);
        assertThat(new InvalidReason(text)).hasToString(text);
    }

    @Test
    void the_longest_reason_has_64_characters() {
        assertThat(new InvalidReason("x".repeat(64)).value()).hasSize(64);
        assertThatExceptionOfType(InvalidValueException.class).isThrownBy(() -> new InvalidReason("x".repeat(65)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "not registered", "GONE\n", "GONE\0", "a/b", "GÖNE", "１"})
    void any_other_text_is_refused_and_not_repeated(String text) {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> new InvalidReason(text))
                .withMessage("must be a word of up to 64 letters, digits, '_', '.', ':' and '-'");
    }
}
