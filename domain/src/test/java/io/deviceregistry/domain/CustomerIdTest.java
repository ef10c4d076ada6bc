package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CustomerIdTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000",
                "a",
                "550e8400-e29b-41d4-a716-446655440000",
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                "auth0|5f7c",
                "first.last+tag@example.com",
                "urn:customer:1",
                "c29tZQ==",
                "~_",
                "...",
                "BULK",
                "bulk-",
                "0:remove"
            })
    void an_opaque_id_of_any_known_form_is_kept_as_it_is(String text) {
        assertThat(new CustomerId(text).value()).isEqualTo(text);
        assertThat(new CustomerId(text)).hasToString(text);
    }

    @Test
    void the_longest_id_has_128_characters() {
        assertThat(new CustomerId("x".repeat(128)).value()).hasSize(128);
        assertThatExceptionOfType(InvalidValueException.class).isThrownBy(() -> new CustomerId("x".repeat(129)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                " a",
                "a\n",
                "a\r\nX-Admin: yes",
                "a\0",
                "a/b",
                "../a",
                "a\\b",
                "a%2Fb",
                "a?b",
                "a#b",
                "a;b",
                "a&b",
                "a'--",
                "a\"b",
                "<b>",
                "${a}",
                "käthe",
                "１２",
                "a\u200bb",
                "\u202eabc",
                "\uD800",
                "😀"
            })
    void a_hostile_id_is_refused_and_not_repeated(String text) {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> new CustomerId(text))
                .withMessage("must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ + | = and -");
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..", "bulk", "bulk-update"})
    void a_word_that_has_a_meaning_in_a_path_is_refused(String text) {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> new CustomerId(text))
                .withMessageContaining("reserved");
    }

    @Test
    void ids_that_differ_in_case_are_different_customers() {
        assertThat(new CustomerId("abc")).isNotEqualTo(new CustomerId("ABC"));
    }
}
