package io.deviceregistry.domain;

import static io.deviceregistry.domain.DeviceStatus.INVALID;
import static io.deviceregistry.domain.DeviceStatus.REMOVED;
import static io.deviceregistry.domain.DeviceTest.assertOnlyDiffer;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.NOW;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.UNREGISTERED;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.minute;
import static io.deviceregistry.domain.Examples.observedAt;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.transferred;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RemovalReason.REPLACED;
import static io.deviceregistry.domain.RemovalReason.TRANSFERRED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a device stops being active. */
class DeviceEndTest {

    @ParameterizedTest
    @EnumSource(RemovalReason.class)
    void a_removed_device_keeps_all_but_its_status_and_says_why(RemovalReason reason) {
        Device device = aDevice();

        Device gone = device.removed(reason, observedAt(5), LATER);

        assertOnlyDiffer(gone, device, "status", "removalReason", "version", "asOf", "statusSince");
        assertThat(gone.status()).isEqualTo(REMOVED);
        assertThat(gone.removalReason()).isEqualTo(reason);
        assertThat(gone.version()).isEqualTo(2);
        assertThat(gone.asOf()).isEqualTo(minute(5));
        assertThat(gone.statusSince()).isEqualTo(LATER);
    }

    @Test
    void a_device_that_was_invalid_and_is_removed_is_no_longer_invalid() {
        assertThat(removed(invalid(aDevice(), 10), 20).invalidReason()).isNull();
    }

    @Test
    void another_reason_for_a_removal_is_a_new_version_but_the_device_is_removed_as_long_as_before() {
        Device gone = removed(aDevice(), 10);

        Device replaced = gone.removed(REPLACED, ON_ARRIVAL, LATER);

        assertOnlyDiffer(replaced, gone, "removalReason", "version", "asOf");
        assertThat(replaced.removalReason()).isEqualTo(REPLACED);
        assertThat(replaced.version()).isEqualTo(3);
    }

    @Test
    void of_a_device_that_is_removed_for_the_same_reason_again_only_the_time_moves() {
        Device gone = transferred(aDevice(), 10);

        Device again = gone.removed(TRANSFERRED, observedAt(20), LATER);

        assertOnlyDiffer(again, gone, "asOf");
        assertThat(again.asOf()).isEqualTo(minute(20));
    }

    @Test
    void a_message_that_is_older_than_what_the_device_reflects_does_not_set_it_back() {
        Device device = aDevice(CUSTOMER, TOKEN, 10);

        Device gone = device.removed(TRANSFERRED, observedAt(5), LATER);

        assertThat(gone.asOf()).isEqualTo(minute(10));
    }

    @Test
    void a_device_is_found_dead_by_a_report_from_later_than_a_minute_after_it_was_seen() {
        Device device = aDevice();
        Instant justLater = minute(1).plusNanos(1_000);

        Device dead = device.foundDead(UNREGISTERED, new Observation(justLater), LATER);

        assertOnlyDiffer(dead, device, "status", "invalidReason", "version", "asOf", "statusSince");
        assertThat(dead.status()).isEqualTo(INVALID);
        assertThat(dead.invalidReason()).isEqualTo(UNREGISTERED);
        assertThat(dead.version()).isEqualTo(2);
        assertThat(dead.asOf()).isEqualTo(justLater);
        assertThat(dead.statusSince()).isEqualTo(LATER);
        assertThat(device.foundDead(UNREGISTERED, observedAt(1), LATER)).isSameAs(device);
    }

    @Test
    void a_device_that_is_not_active_is_not_found_dead() {
        Device gone = removed(aDevice(), 10);

        assertThat(gone.foundDead(UNREGISTERED, ON_ARRIVAL, LATER)).isSameAs(gone);
    }

    @Test
    void a_device_expires_when_it_was_unseen_for_longer_than_the_age() {
        Device device = aDevice();
        Duration age = Duration.ofDays(30);
        Instant justLater = NOW.plus(age).plusNanos(1_000);

        Device stale = device.expired(age, justLater);

        assertOnlyDiffer(stale, device, "status", "invalidReason", "version", "statusSince");
        assertThat(stale.status()).isEqualTo(INVALID);
        assertThat(stale.invalidReason()).isEqualTo(InvalidReason.STALE);
        assertThat(stale.version()).isEqualTo(2);
        assertThat(stale.statusSince()).isEqualTo(justLater);
        assertThat(device.expired(age, NOW.plus(age))).isSameAs(device);
    }

    @ParameterizedTest
    @EnumSource(RemovalReason.class)
    void only_a_replaced_device_has_given_up_its_token(RemovalReason reason) {
        Device gone = aDevice().removed(reason, ON_ARRIVAL, LATER);

        assertThat(aDevice().hasToken()).isTrue();
        assertThat(gone.hasToken()).isEqualTo(reason != REPLACED);
    }
}
