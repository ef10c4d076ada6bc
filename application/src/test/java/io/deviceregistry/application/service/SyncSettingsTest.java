package io.deviceregistry.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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
}
