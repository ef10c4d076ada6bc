package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.NOW;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ObservationTest {
    private static final Instant FIVE_MINUTES_AHEAD = NOW.plus(Duration.ofMinutes(5));

    @Test
    void a_message_without_a_time_is_true_when_it_arrives_and_never_late() {
        assertThat(ON_ARRIVAL.instant(NOW)).isEqualTo(NOW);
        assertThat(ON_ARRIVAL.isOlderThan(NOW.plusSeconds(3600))).isFalse();
    }

    @Test
    void a_message_is_late_if_it_is_older_than_what_is_known_and_not_if_it_is_as_old() {
        Observation observed = new Observation(NOW);

        assertThat(observed.isOlderThan(NOW.plusNanos(1_000))).isTrue();
        assertThat(observed.isOlderThan(NOW)).isFalse();
    }

    @Test
    void a_message_is_after_a_moment_only_if_it_is_later() {
        Observation observed = new Observation(NOW);

        assertThat(observed.isAfter(NOW.minusNanos(1_000), FIVE_MINUTES_AHEAD)).isTrue();
        assertThat(observed.isAfter(NOW, FIVE_MINUTES_AHEAD)).isFalse();
    }

    @Test
    void a_message_without_a_time_is_after_what_was_before_its_arrival() {
        assertThat(ON_ARRIVAL.isAfter(NOW.minusNanos(1), NOW)).isTrue();
        assertThat(ON_ARRIVAL.isAfter(NOW, NOW)).isFalse();
    }

    @Test
    void the_later_of_two_messages_is_the_one_with_the_newer_time() {
        Observation earlier = new Observation(NOW);
        Observation later = new Observation(NOW.plusNanos(1_000));

        assertThat(earlier.later(later)).isEqualTo(later);
        assertThat(later.later(earlier)).isEqualTo(later);
    }

    @Test
    void a_message_without_a_time_is_later_than_any_with_one() {
        Observation ahead = Observation.at(FIVE_MINUTES_AHEAD, NOW);

        assertThat(ON_ARRIVAL.later(ahead)).isEqualTo(ON_ARRIVAL);
        assertThat(ahead.later(ON_ARRIVAL)).isEqualTo(ON_ARRIVAL);
        assertThat(ON_ARRIVAL.later(ON_ARRIVAL)).isEqualTo(ON_ARRIVAL);
    }

    @Test
    void a_time_is_kept_to_the_microsecond_as_it_is_stored() {
        assertThat(Observation.at(NOW.plusNanos(1_999), NOW)).isEqualTo(new Observation(NOW.plusNanos(1_000)));
        assertThat(new Observation(NOW.plusNanos(999)).isAfter(NOW, NOW)).isFalse();
    }

    @Test
    void a_time_may_be_up_to_five_minutes_ahead() {
        assertThat(Observation.at(FIVE_MINUTES_AHEAD, NOW).at()).isEqualTo(FIVE_MINUTES_AHEAD);
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> Observation.at(FIVE_MINUTES_AHEAD.plusNanos(1), NOW))
                .withMessage("must not be more than 5 minutes ahead");
    }

    @Test
    void a_time_ahead_is_compared_as_it_says_but_stored_as_now() {
        Observation ahead = Observation.at(FIVE_MINUTES_AHEAD, NOW);

        assertThat(ahead.isOlderThan(FIVE_MINUTES_AHEAD)).isFalse();
        assertThat(ahead.isAfter(FIVE_MINUTES_AHEAD.minusSeconds(1), NOW)).isTrue();
        assertThat(ahead.instant(NOW)).isEqualTo(NOW);
    }

    @Test
    void a_time_in_the_past_is_stored_as_it_is() {
        Instant longAgo = NOW.minus(Duration.ofDays(400));

        assertThat(Observation.at(longAgo, NOW).instant(NOW)).isEqualTo(longAgo);
    }
}
