package io.deviceregistry.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.commandline.Progress.Lines;
import io.deviceregistry.commandline.Progress.Task;
import io.deviceregistry.commandline.Progress.Unit;
import java.io.PrintWriter;
import java.io.Writer;
import org.junit.jupiter.api.Test;

/** What a line says. */
class ProgressTest {
    private static String line(long all, long done) {
        return new Lines(new Task("Exported", Unit.ROWS, 0, all), new PrintWriter(Writer.nullWriter()))
                .line(done, "", 10);
    }

    @Test
    void given_how_much_there_is_then_the_rate_and_the_time_left_are_told() {
        assertThat(line(100_000, 25_000)).isEqualTo("Exported: 25,000 of 100,000 rows, 2,500 a second, 30 s left");
    }

    @Test
    void given_that_it_is_not_known_how_much_there_is_then_the_rate_is_told() {
        assertThat(line(-1, 25_000)).isEqualTo("Exported: 25,000 rows, 2,500 a second");
    }

    @Test
    void given_an_estimate_that_was_too_low_then_nothing_is_made_of_it() {
        assertThat(line(20_000, 25_000)).isEqualTo("Exported: 25,000 rows, 2,500 a second");
    }
}
