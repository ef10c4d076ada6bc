package io.deviceregistry.application.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyncSettingsTest {

    @Test
    void the_longest_wait_begins_at_the_base_and_doubles_up_to_the_cap() {
        assertThat(IntStream.range(0, 8).mapToObj(SyncScene.SETTINGS::backoffCeiling))
                .extracting(Duration::toSeconds)
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    }

    @Test
    void any_number_of_failures_keeps_to_the_cap() {
        assertThat(IntStream.of(20, 31, 32, 62, 63, 64, 65, 1_000, Integer.MAX_VALUE)
                        .mapToObj(SyncScene.SETTINGS::backoffCeiling))
                .containsOnly(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @CsvSource({
        "0, lease",
        "1, settling-delay",
        "2, backoff-base",
        "3, backoff-cap",
        "4, max-strikes",
        "5, breaker-threshold",
        "6, probe-interval",
        "7, unknown-customer-retry"
    })
    void a_setting_that_makes_no_sense_is_refused_by_its_key(int wrong, String key) {
        Duration fine = Duration.ofSeconds(1);
        Duration[] durations = {fine, fine, fine, fine, fine, fine};
        int[] numbers = {1, 1};
        switch (wrong) {
            case 4, 5 -> numbers[wrong - 4] = 0;
            default -> durations[wrong < 4 ? wrong : wrong - 2] = Duration.ofSeconds(-1);
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SyncSettings(
                        durations[0],
                        durations[1],
                        durations[2],
                        durations[3],
                        numbers[0],
                        numbers[1],
                        durations[4],
                        durations[5]))
                .withMessageContaining("registry.sync." + key);
    }
}
