package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"bunce", "b", "bunce-2"})
    void a_provider_is_named_by_a_lower_case_word(String text) {
        assertThat(new ProviderId(text)).hasToString(text);
    }

    @Test
    void the_longest_name_has_32_characters() {
        assertThat(new ProviderId("x".repeat(32)).value()).hasSize(32);
        assertThatExceptionOfType(InvalidValueException.class).isThrownBy(() -> new ProviderId("x".repeat(33)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bunce", "2bunce", "-b", "b_c", "b c", "bünce", "bunce\n"})
    void any_other_name_is_refused(String text) {
        assertThatExceptionOfType(InvalidValueException.class).isThrownBy(() -> new ProviderId(text));
    }
}
