package io.deviceregistry.application.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClaimSizeTest {
    private final ClaimSize size = new ClaimSize();

    private void took(Duration each) {
        for (int i = 0; i < 30; i++) {
            int customers = size.next();
            size.took(customers, each.multipliedBy(customers).toNanos());
        }
    }

    @Test
    void before_anything_is_known_one_is_claimed_at_a_time() {
        assertThat(size.next()).isOne();
    }

    @Test
    void the_quicker_calls_are_the_more_are_claimed_up_to_a_limit() {
        took(Duration.ofMillis(50));
        assertThat(size.next()).isBetween(4, 5);
        took(Duration.ofMillis(1));
        assertThat(size.next()).isEqualTo(ClaimSize.MOST);
    }

    @Test
    void calls_that_become_slow_are_claimed_one_by_one_again() {
        took(Duration.ofMillis(1));
        took(Duration.ofSeconds(7));
        assertThat(size.next()).isOne();
    }

    @Test
    void calls_that_take_no_time_at_all_are_no_trouble() {
        took(Duration.ZERO);
        assertThat(size.next()).isEqualTo(ClaimSize.MOST);
    }
}
