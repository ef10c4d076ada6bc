package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANDROID;
import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.IOS;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.THIRD_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.UNREGISTERED;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.ios;
import static io.deviceregistry.domain.Examples.observedAt;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.rotationTo;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RemovalReason.DEREGISTERED;
import static io.deviceregistry.domain.RemovalReason.TRANSFERRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.domain.Registration.Outcome;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The most active devices that a customer may have; one, where nothing else is said. */
class DeviceLimitTest {

    private static void assertTooMany(Registry registry, ThrowingCallable change) {
        assertThatExceptionOfType(TooManyDevicesException.class)
                .isThrownBy(change)
                .withMessage("A customer may have at most 1 active devices.");

        assertThat(registry.changedDevices()).isEmpty();
        assertThat(registry.changedCustomers()).isEmpty();
    }

    @Test
    void as_many_devices_as_the_limit_are_registered_and_not_one_more() {
        Registry registry = registryOf();
        registry.register(CUSTOMER, android(TOKEN), 2);
        registry.register(CUSTOMER, android(OTHER_TOKEN), 2);

        assertThatExceptionOfType(TooManyDevicesException.class)
                .isThrownBy(() -> registry.register(CUSTOMER, android(THIRD_TOKEN), 2));

        assertThat(registry.changedDevices()).hasSize(2);
    }

    @Test
    void a_refused_registration_does_not_bring_the_customer_into_being() {
        Registry registry = registryOf();

        assertThatExceptionOfType(TooManyDevicesException.class)
                .isThrownBy(() -> registry.register(CUSTOMER, android(TOKEN), 0));

        assertThat(registry.changedCustomers()).isEmpty();
    }

    @Test
    void the_devices_of_other_customers_do_not_count() {
        Registry registry = registryOf(aDevice(ANOTHER, OTHER_TOKEN));

        assertThat(registry.register(CUSTOMER, android(TOKEN), 1).outcome()).isEqualTo(Outcome.CREATED);
    }

    @Test
    void a_removed_or_invalid_device_is_not_reactivated_beyond_the_limit() {
        Registry registry = registryOf(
                aDevice(CUSTOMER, THIRD_TOKEN), removed(aDevice(), 10), invalid(aDevice(CUSTOMER, OTHER_TOKEN), 10));

        assertTooMany(registry, () -> registry.register(CUSTOMER, android(TOKEN), 1));
        assertTooMany(registry, () -> registry.register(CUSTOMER, android(OTHER_TOKEN), 1));
    }

    @Test
    void a_token_is_not_transferred_beyond_the_limit_and_its_holder_keeps_it() {
        Registry registry = registryOf(aDevice(), aDevice(ANOTHER, OTHER_TOKEN));

        assertTooMany(registry, () -> registry.register(CUSTOMER, android(OTHER_TOKEN), 1));
    }

    @Test
    void an_invalid_device_does_not_rotate_beyond_the_limit_and_the_holder_keeps_the_token() {
        Device dead = invalid(aDevice(), 10);
        Registry registry = registryOf(dead, aDevice(CUSTOMER, THIRD_TOKEN), aDevice(ANOTHER, OTHER_TOKEN));

        assertTooMany(registry, () -> registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), 1));
        assertTooMany(
                registry, () -> registry.change(CUSTOMER, dead.id(), Precondition.NONE, rotationTo(OTHER_TOKEN), 1));
    }

    @Test
    void a_replaced_device_makes_room_for_the_invalid_one_that_takes_its_place() {
        Registry registry = registryOf(invalid(aDevice(), 10), aDevice(CUSTOMER, OTHER_TOKEN));

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), 1);

        assertThat(rotated.isActive()).isTrue();
        assertNoRoom(registry);
    }

    @Test
    void a_replaced_device_that_was_not_active_makes_no_room() {
        Registry registry = registryOf(
                invalid(aDevice(), 10), removed(aDevice(CUSTOMER, OTHER_TOKEN), 10), aDevice(CUSTOMER, THIRD_TOKEN));

        assertTooMany(registry, () -> registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), 1));
    }

    @Test
    void a_lowered_limit_leaves_the_devices_that_there_are_alone() {
        Registry registry = registryOf(aDevice(), aDevice(CUSTOMER, OTHER_TOKEN));

        assertThat(registry.register(CUSTOMER, ios(TOKEN), 1).outcome()).isEqualTo(Outcome.CHANGED);
        assertThat(registry.rotate(CUSTOMER, OTHER_TOKEN, rotationTo(THIRD_TOKEN), 1)
                        .isActive())
                .isTrue();
    }

    @Test
    void an_invalid_device_may_change_beyond_the_limit_as_long_as_it_stays_invalid() {
        Device dead = invalid(aDevice(), 10);
        Registry registry = registryOf(dead, aDevice(CUSTOMER, OTHER_TOKEN));

        assertThatCode(() -> registry.change(
                        CUSTOMER, dead.id(), Precondition.NONE, new DeviceUpdate(IOS, null, null, ON_ARRIVAL), 1))
                .doesNotThrowAnyException();
    }

    @Test
    void a_registration_or_a_rotation_that_comes_too_late_needs_no_room() {
        Registry registry =
                registryOf(aDevice(), invalid(aDevice(CUSTOMER, OTHER_TOKEN), 10), aDevice(ANOTHER, THIRD_TOKEN, 20));

        Registration late = registry.register(CUSTOMER, android(THIRD_TOKEN, observedAt(19)), 1);
        Device lost = registry.rotate(CUSTOMER, OTHER_TOKEN, rotationTo(THIRD_TOKEN, observedAt(19)), 1);

        assertThat(late.outcome()).isEqualTo(Outcome.SUPERSEDED);
        assertThat(lost.removalReason()).isEqualTo(TRANSFERRED);
    }

    @Test
    void a_late_rotation_to_a_token_whose_end_the_device_inherits_needs_no_room() {
        Registry registry = registryOf(
                invalid(aDevice(), 10), removed(aDevice(CUSTOMER, OTHER_TOKEN), 20), aDevice(CUSTOMER, THIRD_TOKEN));

        Device ended = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(19)), 1);

        assertThat(ended.removalReason()).isEqualTo(DEREGISTERED);
    }

    @Test
    void a_removal_makes_room() {
        Registry registry = registryOf(aDevice());
        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertRoomForOne(registry);
    }

    @Test
    void a_token_that_went_to_another_customer_makes_room() {
        Registry registry = registryOf(aDevice());
        registry.register(ANOTHER, android(TOKEN), 1);

        assertRoomForOne(registry);
    }

    @Test
    void a_token_that_another_customers_device_rotated_to_makes_room() {
        Registry registry = registryOf(aDevice(), aDevice(ANOTHER, OTHER_TOKEN));
        registry.rotate(ANOTHER, OTHER_TOKEN, rotationTo(TOKEN), 1);

        assertRoomForOne(registry);
    }

    @Test
    void a_dead_token_makes_room() {
        Registry registry = registryOf(aDevice());
        registry.reportInvalid(TOKEN, UNREGISTERED, ON_ARRIVAL);

        assertRoomForOne(registry);
    }

    @Test
    void an_expired_device_makes_room() {
        Device device = aDevice();
        Registry registry = registryOf(device);
        registry.expire(device.id(), Map.of(ANDROID, Duration.ZERO));

        assertRoomForOne(registry);
    }

    private static void assertRoomForOne(Registry registry) {
        assertThat(registry.register(CUSTOMER, android(OTHER_TOKEN), 1).device().isActive())
                .isTrue();
        assertNoRoom(registry);
    }

    private static void assertNoRoom(Registry registry) {
        assertThatExceptionOfType(TooManyDevicesException.class)
                .isThrownBy(() -> registry.register(CUSTOMER, android(THIRD_TOKEN), 1));
    }
}
