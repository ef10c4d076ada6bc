package io.deviceregistry.bootstrap.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {

    @Test
    void given_a_blank_variable_when_it_is_asked_for_then_it_is_not_set() {
        assertThat(new Environment(Map.of("NAME", " ")).get("NAME")).isEmpty();
    }

    @Test
    void given_a_port_when_it_is_asked_for_then_it_is_a_number() {
        assertThat(new Environment(Map.of("PORT", "8081")).port("PORT")).contains(8081);
        assertThat(new Environment(Map.of()).port("PORT")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "65536", "http", "8080x"})
    void given_no_port_when_it_is_asked_for_then_the_variable_is_named(String value) {
        assertThatExceptionOfType(CannotRunException.class)
                .isThrownBy(() -> new Environment(Map.of("QUARKUS_HTTP_PORT", value)).port("QUARKUS_HTTP_PORT"))
                .withMessageContaining("QUARKUS_HTTP_PORT")
                .withMessageContaining(value);
    }
}
