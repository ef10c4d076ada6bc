package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANDROID;
import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.IOS;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.THIRD_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.UNREGISTERED;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.observedAt;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RegistryBuilder.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.Registry.Change;
import io.deviceregistry.domain.Registry.ReportOutcome;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How a device becomes invalid, by a report or by its age, and valid again. */
class DeadTokenRulesTest {

    private static Map<DeviceType, Duration> agesOf(int androidMinutes) {
        return Map.of(ANDROID, Duration.ofMinutes(androidMinutes), IOS, Duration.ofMinutes(30));
    }

    @Test
    void a_reported_token_makes_the_device_of_whoever_holds_it_invalid_and_goes_out() {
        Device device = aDevice(ANOTHER, TOKEN);
        Registry registry = registryOf(device);

        ReportOutcome outcome = registry.reportInvalid(TOKEN, UNREGISTERED, observedAt(30));

        Device dead = device.foundDead(UNREGISTERED, observedAt(30), LATER);
        assertThat(outcome).isEqualTo(ReportOutcome.INVALIDATED);
        assertThat(dead.invalidReason()).isEqualTo(UNREGISTERED);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, dead))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void a_report_within_a_minute_after_the_device_was_seen_is_ignored() {
        Registry registry = registryOf(aDevice(CUSTOMER, TOKEN, 20));

        ReportOutcome outcome = registry.reportInvalid(TOKEN, UNREGISTERED, observedAt(21));

        assertThat(outcome).isEqualTo(ReportOutcome.IGNORED);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_report_without_a_time_is_as_of_its_arrival() {
        Registry registry = registryOf(aDevice(CUSTOMER, TOKEN, 59), aDevice(CUSTOMER, OTHER_TOKEN, 58));

        assertThat(registry.reportInvalid(TOKEN, UNREGISTERED, ON_ARRIVAL)).isEqualTo(ReportOutcome.IGNORED);
        assertThat(registry.reportInvalid(OTHER_TOKEN, UNREGISTERED, ON_ARRIVAL))
                .isEqualTo(ReportOutcome.INVALIDATED);
    }

    @Test
    void a_token_that_nobody_holds_is_unknown_even_if_somebody_held_it() {
        Registry registry = registryOf(removed(aDevice(), 10), invalid(aDevice(CUSTOMER, OTHER_TOKEN), 10));

        assertThat(registry.reportInvalid(TOKEN, UNREGISTERED, ON_ARRIVAL)).isEqualTo(ReportOutcome.UNKNOWN);
        assertThat(registry.reportInvalid(OTHER_TOKEN, UNREGISTERED, ON_ARRIVAL))
                .isEqualTo(ReportOutcome.UNKNOWN);
        assertThat(registry.reportInvalid(THIRD_TOKEN, UNREGISTERED, ON_ARRIVAL))
                .isEqualTo(ReportOutcome.UNKNOWN);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_registration_after_the_report_revives_the_device() {
        Device device = aDevice();
        Registry registry = registryOf(device);
        registry.reportInvalid(TOKEN, UNREGISTERED, observedAt(30));

        Registration back = registry.register(CUSTOMER, android(TOKEN, observedAt(31)), LIMIT);

        assertThat(back.outcome()).isEqualTo(Outcome.REACTIVATED);
        assertThat(back.device().id()).isEqualTo(device.id());
    }

    @Test
    void a_device_unseen_for_longer_than_the_age_of_its_type_expires_and_goes_out() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        boolean expired = registry.expire(device.id(), agesOf(59));

        Device stale = device.expired(Duration.ofMinutes(59), LATER);
        assertThat(expired).isTrue();
        assertThat(stale.invalidReason()).isEqualTo(InvalidReason.STALE);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, stale))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void a_device_unseen_for_just_the_age_does_not_expire() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        assertThat(registry.expire(device.id(), agesOf(60))).isFalse();
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_type_without_an_age_never_grows_stale() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        assertThat(registry.expire(device.id(), Map.of(IOS, Duration.ZERO))).isFalse();
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void what_is_gone_or_dead_does_not_expire() {
        Device gone = removed(aDevice(), 10);
        Device dead = invalid(aDevice(CUSTOMER, OTHER_TOKEN), 10);
        DeviceId nobodys = anId();
        Registry registry = with(gone, dead).askedFor(nobodys).build();

        assertThat(registry.expire(gone.id(), agesOf(0))).isFalse();
        assertThat(registry.expire(dead.id(), agesOf(0))).isFalse();
        assertThat(registry.expire(nobodys, agesOf(0))).isFalse();
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_registration_that_was_under_way_while_the_device_expired_revives_it() {
        Device device = aDevice();
        Registry registry = registryOf(device);
        registry.expire(device.id(), agesOf(59));

        Registration back = registry.register(CUSTOMER, android(TOKEN, observedAt(30)), LIMIT);

        assertThat(back.outcome()).isEqualTo(Outcome.REACTIVATED);
    }
}
