package io.deviceregistry.adapter.in.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallerLimitsTest {

    @Test
    void given_a_list_when_read_then_each_caller_has_its_limit() {
        assertThat(CallerLimits.limits(List.of("shop-backend=20", "batch=50")))
                .isEqualTo(Map.of("shop-backend", 20, "batch", 50));
        assertThat(CallerLimits.limits(List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "batch",
                "=2",
                "batch=",
                "batch=many",
                "batch=0",
                "batch=-1",
                "batch=1.5",
                "batch=9999999999",
                "no name=1"
            })
    void given_an_entry_that_makes_no_sense_when_read_then_it_and_the_key_are_named(String entry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CallerLimits.limits(List.of("shop-backend=2", entry)))
                .withMessageContainingAll("registry.requests-per-second-of", "\"" + entry + "\"");
    }

    @Test
    void given_a_caller_that_is_named_twice_when_read_then_it_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CallerLimits.limits(List.of("a=1", "a=2")))
                .withMessage("registry.requests-per-second-of names \"a\" twice");
    }
}
