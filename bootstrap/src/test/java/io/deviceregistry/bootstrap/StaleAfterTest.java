package io.deviceregistry.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceTypes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaleAfterTest {
    private static final DeviceType ANDROID = new DeviceType("android");
    private static final DeviceType SMART_TV = new DeviceType("smart-tv");
    private static final DeviceTypes TYPES = new DeviceTypes(List.of(ANDROID, SMART_TV));

    @Test
    void given_a_list_when_read_then_each_type_has_its_duration() {
        assertThat(StaleAfter.parse(List.of("android=270D", "Smart-TV=PT90H"), TYPES))
                .isEqualTo(Map.of(ANDROID, Duration.ofDays(270), SMART_TV, Duration.ofHours(90)));
        assertThat(StaleAfter.parse(List.of(), TYPES)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "android",
                "270D",
                "=270D",
                "sundial=270D",
                "android=",
                "android=soon",
                "android=0S",
                "android=-270D",
                "android=270D=270D"
            })
    void given_an_entry_that_makes_no_sense_when_read_then_it_and_the_key_are_named(String entry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StaleAfter.parse(List.of("smart-tv=1H", entry), TYPES))
                .withMessageStartingWith("registry.stale-after: \"" + entry + "\" ");
    }

    @Test
    void given_a_type_that_is_named_twice_when_read_then_it_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StaleAfter.parse(List.of("android=270D", "ANDROID=90D"), TYPES))
                .withMessageStartingWith("registry.stale-after: \"ANDROID=90D\" ");
    }
}
