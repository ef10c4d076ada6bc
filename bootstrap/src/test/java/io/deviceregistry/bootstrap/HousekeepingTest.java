package io.deviceregistry.bootstrap;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class HousekeepingTest {

    @Test
    void whatever_fails_is_left_for_the_next_time() {
        Housekeeping housekeeping = new Housekeeping(() -> {
            throw new IllegalStateException("The database refused a statement of ours");
        });

        assertThatCode(housekeeping::keepHouse).doesNotThrowAnyException();
    }
}
