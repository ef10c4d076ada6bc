package io.deviceregistry.bootstrap;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.deviceregistry.application.port.in.KeepHouse;
import org.junit.jupiter.api.Test;

class HousekeepingTest {

    @Test
    void whatever_fails_is_left_for_the_next_time() {
        Housekeeping housekeeping = new Housekeeping(
                new KeepHouse() {
                    @Override
                    public boolean step() {
                        throw new IllegalStateException("The database refused a statement of ours");
                    }

                    @Override
                    public void maintain() {
                        // Not asked for.
                    }
                },
                new ByTheClock());

        assertThatCode(housekeeping::keepHouse).doesNotThrowAnyException();
    }
}
