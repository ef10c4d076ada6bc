package io.deviceregistry.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ConcurrentModificationException;
import org.junit.jupiter.api.Test;

class MainTest {

    @Test
    void given_a_cause_with_a_message_then_the_message_alone_is_told() {
        Throwable failure = new IllegalStateException("in vain", new IllegalArgumentException("no such key"));

        assertThat(Main.told(failure)).isEqualTo("The device registry cannot start: no such key");
    }

    @Test
    void given_a_cause_without_a_message_then_its_class_and_its_place_are_told() {
        Throwable failure = new IllegalStateException("in vain", new ConcurrentModificationException());

        assertThat(Main.told(failure))
                .endsWith(System.lineSeparator()
                        + "The device registry cannot start: java.util.ConcurrentModificationException")
                .contains("in vain", "at " + MainTest.class.getName());
    }
}
