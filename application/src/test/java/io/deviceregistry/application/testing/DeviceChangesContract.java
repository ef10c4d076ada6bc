package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static io.deviceregistry.application.testing.Examples.longAgo;
import static io.deviceregistry.application.testing.Examples.rotationTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRemovedException;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.Registry.ReportOutcome;
import io.deviceregistry.domain.RemovalReason;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.StaleVersionException;
import io.deviceregistry.domain.UnknownDeviceException;
import io.deviceregistry.domain.UnknownTokenException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every {@link DeviceStore} does with a device that it knows. */
public abstract class DeviceChangesContract extends RegistryContract {
    private final CustomerId customer = aCustomer();
    private final CustomerId another = aCustomer();
    private final DeviceToken token = aToken();
    private final DeviceToken next = aToken();

    @Test
    void rotation_by_the_current_token_gives_the_same_device_its_next_version() {
        Device device = registered(customer, android(token));

        Device rotated = rotate(customer, token, next);

        assertThat(rotated.id()).isEqualTo(device.id());
        assertThat(rotated.version()).isEqualTo(2);
        assertThat(rotated.token()).isEqualTo(next);
        assertThat(devicesOf(customer)).containsExactly(rotated);
    }

    @Test
    void rotation_by_id_gives_the_same_device_its_next_version() {
        Device device = registered(customer, android(token));

        Device rotated = rotate(device, next);

        assertThat(rotated.id()).isEqualTo(device.id());
        assertThat(rotated.version()).isEqualTo(2);
        assertThat(rotated.token()).isEqualTo(next);
        assertThat(devicesOf(customer)).containsExactly(rotated);
    }

    @Test
    void a_repeated_rotation_finds_the_device_as_it_is() {
        registered(customer, android(token));
        Device rotated = rotate(customer, token, next);

        assertThat(rotate(customer, token, next)).isEqualTo(rotated);
        assertThat(devicesOf(customer)).containsExactly(rotated);
    }

    @Test
    void rotation_of_an_unknown_token_displaces_nobody() {
        Device holder = registered(another, android(next));

        assertThatExceptionOfType(UnknownTokenException.class).isThrownBy(() -> rotate(customer, token, next));

        assertThat(devicesOf(another)).containsExactly(holder);
        assertThat(devicesOf(customer)).isEmpty();
    }

    @Test
    void rotation_displaces_another_customer_who_holds_the_new_token() {
        Device device = registered(customer, android(token));
        Device displaced = registered(another, android(next));

        Device rotated = rotate(customer, token, next);

        assertThat(rotated.id()).isEqualTo(device.id());
        assertThat(devicesOf(another)).isEmpty();
        assertThat(stored(displaced))
                .returns(RemovalReason.TRANSFERRED, Device::removalReason)
                .returns(2L, Device::version)
                .returns(next, Device::token);
    }

    @Test
    void rotation_replaces_the_customers_other_device_with_the_new_token() {
        registered(customer, android(token));
        Device replaced = registered(customer, android(next));

        Device rotated = rotate(customer, token, next);

        assertThat(devicesOf(customer)).containsExactly(rotated);
        assertThat(stored(replaced))
                .returns(RemovalReason.REPLACED, Device::removalReason)
                .returns(2L, Device::version)
                .returns(next, Device::token);
    }

    @Test
    void a_replaced_device_stays_replaced_when_its_token_is_registered_again() {
        registered(customer, android(token));
        Device replaced = registered(customer, android(next));
        Device rotated = rotate(customer, token, next);
        rotate(rotated, aToken());

        Registration made = register(customer, android(next));

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().id()).isNotIn(replaced.id(), rotated.id());
        assertThat(stored(replaced).removalReason()).isEqualTo(RemovalReason.REPLACED);
    }

    @Test
    void rotation_replaces_a_device_that_was_removed_before() {
        registered(customer, android(token));
        Device removed = remove(registered(customer, android(next)));

        Device rotated = rotate(customer, token, next);

        assertThat(devicesOf(customer)).containsExactly(rotated);
        assertThat(stored(removed))
                .returns(RemovalReason.REPLACED, Device::removalReason)
                .returns(3L, Device::version);
    }

    @Test
    void a_token_that_was_rotated_away_makes_a_new_device() {
        Device rotated = registered(customer, android(token));
        rotate(customer, token, next);

        Registration made = register(customer, android(token));

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().id()).isNotEqualTo(rotated.id());
        assertThat(devicesOf(customer)).hasSize(2);
    }

    @Test
    void removal_by_token_is_kept_with_its_reason_and_time() {
        Device device = registered(customer, android(token));

        remove(customer, token);

        assertThat(devicesOf(customer)).isEmpty();
        assertThat(stored(device))
                .returns(DeviceStatus.REMOVED, Device::status)
                .returns(RemovalReason.DEREGISTERED, Device::removalReason)
                .returns(2L, Device::version)
                .satisfies(removed -> assertThat(removed.statusSince()).isAfter(device.statusSince()));
    }

    @Test
    void removal_by_id_can_be_repeated_and_moves_nothing_but_the_time_that_the_device_reflects() {
        Device removed = remove(registered(customer, android(token)));
        assertThat(removed.removalReason()).isEqualTo(RemovalReason.DEREGISTERED);

        Device again = remove(removed);

        assertThat(again.asOf()).isAfter(removed.asOf());
        assertThat(again).usingRecursiveComparison().ignoringFields("asOf").isEqualTo(removed);
    }

    @Test
    void a_late_logout_is_not_the_next_holders_matter() {
        registered(customer, android(token));
        Device taken = registered(another, android(token));

        remove(customer, token);

        assertThat(devicesOf(another)).containsExactly(taken);
    }

    @Test
    void nobody_changes_another_customers_device_by_its_id() {
        Device device = registered(customer, android(token));

        assertThatExceptionOfType(UnknownDeviceException.class)
                .isThrownBy(() -> change(
                        Scope.EMPTY.withTokens(another, Set.of(next)).withDevice(device.id()),
                        registry -> registry.change(another, device.id(), Precondition.NONE, rotationTo(next), MANY)));

        assertThat(stored(device)).isEqualTo(device);
        assertThat(ports().devices().device(another, device.id())).isEmpty();
    }

    @Test
    void a_device_that_never_was_is_unknown() {
        DeviceId nobody = new DeviceId(UUID.randomUUID());

        assertThat(ports().devices().device(customer, nobody)).isEmpty();
        assertThatExceptionOfType(UnknownDeviceException.class)
                .isThrownBy(() -> change(
                        Scope.EMPTY.withTokens(customer, Set.of(next)).withDevice(nobody),
                        registry -> registry.change(customer, nobody, Precondition.NONE, rotationTo(next), MANY)));
    }

    @Test
    void a_removed_device_is_not_changed_by_its_id() {
        Device removed = remove(registered(customer, android(token)));

        assertThatExceptionOfType(DeviceRemovedException.class).isThrownBy(() -> rotate(removed, next));

        assertThat(stored(removed)).isEqualTo(removed);
    }

    @Test
    void a_change_that_believes_in_another_version_does_nothing() {
        Device device = registered(customer, android(token));

        assertThatExceptionOfType(StaleVersionException.class)
                .isThrownBy(() -> remove(device, new Precondition(Set.of(2L))));
        assertThat(stored(device)).isEqualTo(device);

        remove(device, new Precondition(Set.of(1L)));
        assertThat(stored(device).status()).isEqualTo(DeviceStatus.REMOVED);
    }

    @Test
    void a_removed_device_comes_back_as_itself() {
        Device removed = remove(registered(customer, android(token)));

        Registration back = register(customer, android(token));

        assertThat(back.outcome()).isEqualTo(Outcome.REACTIVATED);
        assertThat(back.device().id()).isEqualTo(removed.id());
        assertThat(back.device().version()).isEqualTo(3);
        assertThat(stored(removed)).isEqualTo(back.device());
    }

    @Test
    void a_token_that_is_reported_dead_makes_its_device_invalid_until_it_registers_again() {
        Device device = registered(customer, android(token, longAgo()));

        assertThat(reportInvalid(token)).isEqualTo(ReportOutcome.INVALIDATED);
        assertThat(stored(device))
                .returns(DeviceStatus.INVALID, Device::status)
                .returns(InvalidReason.REPORTED, Device::invalidReason)
                .returns(2L, Device::version)
                .satisfies(dead -> assertThat(devicesOf(customer)).containsExactly(dead));

        Registration back = register(customer, android(token));
        assertThat(back.outcome()).isEqualTo(Outcome.REACTIVATED);
        assertThat(stored(device))
                .isEqualTo(back.device())
                .returns(DeviceStatus.ACTIVE, Device::status)
                .returns(null, Device::invalidReason)
                .returns(3L, Device::version);
    }

    @Test
    void a_report_about_a_token_that_nobody_holds_changes_nothing() {
        Device removed = remove(registered(customer, android(token, longAgo())));

        assertThat(reportInvalid(token)).isEqualTo(ReportOutcome.UNKNOWN);
        assertThat(stored(removed)).isEqualTo(removed);
    }

    @Test
    void a_device_that_was_unseen_for_too_long_grows_stale() {
        Device device = registered(customer, android(token, longAgo()));
        Device fresh = registered(customer, android(aToken()));
        Map<DeviceType, Duration> ages = Map.of(Examples.ANDROID, Duration.ofDays(270));

        Map<DeviceId, Boolean> expired = change(
                Scope.EMPTY.withDevice(device.id()).withDevice(fresh.id()),
                registry -> Map.of(
                        device.id(), registry.expire(device.id(), ages),
                        fresh.id(), registry.expire(fresh.id(), ages)));

        assertThat(expired).isEqualTo(Map.of(device.id(), true, fresh.id(), false));
        assertThat(stored(device))
                .returns(DeviceStatus.INVALID, Device::status)
                .returns(InvalidReason.STALE, Device::invalidReason);
        assertThat(stored(fresh)).isEqualTo(fresh);
    }

    @Test
    void a_late_registration_of_a_token_that_was_taken_since_is_kept_as_just_that() {
        Device taken = registered(another, android(token));

        Registration late = register(customer, android(token, longAgo()));

        assertThat(late.outcome()).isEqualTo(Outcome.SUPERSEDED);
        assertThat(stored(late.device()))
                .isEqualTo(late.device())
                .returns(RemovalReason.TRANSFERRED, Device::removalReason)
                .returns(1L, Device::version);
        assertThat(removedDevicesOf(customer)).containsExactly(late.device());
        assertThat(devicesOf(another)).containsExactly(taken);
    }

    @Test
    void a_late_rotation_to_a_token_that_was_taken_since_ends_the_device() {
        Device device = registered(customer, android(token, longAgo()));
        Device taken = registered(another, ios(next));

        Device late = change(
                Scope.EMPTY.withTokens(customer, Set.of(token, next)).withObservation(longAgo()),
                registry -> registry.rotate(customer, token, new DeviceUpdate(null, next, null, longAgo()), MANY));

        assertThat(stored(device))
                .isEqualTo(late)
                .returns(RemovalReason.TRANSFERRED, Device::removalReason)
                .returns(next, Device::token);
        assertThat(devicesOf(another)).containsExactly(taken);
    }

    @Test
    void a_late_registration_of_a_token_that_was_taken_since_and_lost_again_is_kept_as_just_that() {
        remove(registered(another, android(token)));

        Registration late = register(customer, android(token, longAgo()));

        assertThat(late.outcome()).isEqualTo(Outcome.SUPERSEDED);
        assertThat(stored(late.device())).isEqualTo(late.device());
        assertThat(devicesOf(customer)).isEmpty();
    }

    @Test
    void of_several_former_holders_the_one_that_was_last_seen_with_the_token_counts() {
        remove(registered(another, android(token, after(2))));
        remove(registered(aCustomer(), android(token, after(3))));
        registered(aCustomer(), android(aToken(), after(9)));

        assertThat(register(customer, android(token, after(1))).device().isActive())
                .isFalse();
        assertThat(registered(aCustomer(), android(token, after(2))).isActive()).isFalse();
        assertThat(registered(aCustomer(), android(token, after(3))).isActive()).isTrue();
    }

    /** So many days after what is true so long ago. */
    private static Observation after(int days) {
        return new Observation(Examples.LONG_AGO.plus(Duration.ofDays(days)));
    }

    @Test
    void who_rotated_away_from_a_token_is_no_former_holder_of_it() {
        registered(another, android(token));
        rotate(another, token, next);

        assertThat(registered(customer, android(token, longAgo())).isActive()).isTrue();
    }

    @Test
    void an_erased_customer_is_no_former_holder() {
        registered(another, android(token));
        ports().customers().erase(Examples.CALLER, another);

        assertThat(registered(customer, android(token, longAgo())).isActive()).isTrue();
    }
}
