package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherClockTest {

    @Test
    void given_a_clock_that_is_an_hour_slow_when_a_process_asks_for_the_time_then_it_is_an_hour_ago(
            @TempDir Path directory) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        OtherClock.option(Duration.ofHours(-1), directory),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Told.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();

        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isZero();
        assertThat(Instant.parse(told))
                .isCloseTo(Instant.now().minus(Duration.ofHours(1)), within(1, ChronoUnit.MINUTES));
    }

    /** Tells the time. */
    static final class Told {
        private Told() {}

        public static void main(String[] arguments) {
            System.out.print(InstantSource.system().instant());
        }
    }
}
