package io.deviceregistry.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTypeTest {
    private final DeviceTypes types = new DeviceTypes(List.of(Examples.IOS, Examples.ANDROID));

    @ParameterizedTest
    @ValueSource(strings = {"android", "Android", "ANDROID", "aNdRoId"})
    void a_type_is_the_same_in_any_case(String text) {
        assertThat(new DeviceType(text)).isEqualTo(Examples.ANDROID).hasToString("android");
        assertThat(types.parse(text)).isEqualTo(Examples.ANDROID);
    }

    @Test
    void the_language_of_the_machine_does_not_matter() {
        Locale before = Locale.getDefault();
        try {
            // Where the lower case of I has no dot.
            Locale.setDefault(Locale.forLanguageTag("tr"));

            assertThat(new DeviceType("IOS")).isEqualTo(Examples.IOS);
            assertThat(types.parse("IOS")).isEqualTo(Examples.IOS);
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ios", "ios ", "i os", "1os", "-ios", "iös", "ios\n", "ios\0", "ıos", "ioſ"})
    void a_type_is_a_word(String text) {
        assertThatExceptionOfType(InvalidValueException.class).isThrownBy(() -> new DeviceType(text));
        assertThatExceptionOfType(InvalidValueException.class).isThrownBy(() -> types.parse(text));
    }

    @Test
    void the_longest_type_has_32_characters() {
        assertThat(new DeviceType("x".repeat(32)).value()).hasSize(32);
        assertThatExceptionOfType(InvalidValueException.class).isThrownBy(() -> new DeviceType("x".repeat(33)));
    }

    @Test
    void an_unknown_type_is_answered_with_the_known_ones() {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> types.parse("sundial"))
                .withMessage("must be one of android, ios");
    }

    @Test
    void a_registry_without_any_type_is_refused() {
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> new DeviceTypes(List.of()))
                .withMessage("must name at least one device type");
    }
}
