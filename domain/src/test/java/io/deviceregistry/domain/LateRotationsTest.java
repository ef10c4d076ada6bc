package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.UNREGISTERED;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.minute;
import static io.deviceregistry.domain.Examples.observedAt;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.rotationTo;
import static io.deviceregistry.domain.Examples.transferred;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RemovalReason.DEREGISTERED;
import static io.deviceregistry.domain.RemovalReason.REPLACED;
import static io.deviceregistry.domain.RemovalReason.TRANSFERRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.Registry.Change;
import org.junit.jupiter.api.Test;

/** Late changes of a device, above all of its token. All messages arrive at minute 60. */
class LateRotationsTest {
    private static final DeviceUpdate DESCRIBED = new DeviceUpdate(null, null, METADATA, ON_ARRIVAL);

    @Test
    void a_late_change_of_the_token_is_ignored_and_answered_with_the_current_state() {
        Device device = aDevice(CUSTOMER, TOKEN, 20);
        Device holder = aDevice(ANOTHER, OTHER_TOKEN);
        Registry registry = registryOf(device, holder);
        DeviceUpdate late = rotationTo(OTHER_TOKEN, observedAt(19));

        assertThat(registry.rotate(CUSTOMER, TOKEN, late, LIMIT)).isEqualTo(device);
        assertThat(registry.change(CUSTOMER, device.id(), Precondition.NONE, late, LIMIT))
                .isEqualTo(device);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_late_change_of_the_metadata_is_ignored_and_answered_with_the_current_state() {
        Device device = aDevice(CUSTOMER, TOKEN, 20);
        Registry registry = registryOf(device);
        DeviceUpdate late = new DeviceUpdate(null, null, METADATA, observedAt(19));

        Device answer = registry.change(CUSTOMER, device.id(), Precondition.NONE, late, LIMIT);

        assertThat(answer).isEqualTo(device);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_late_change_of_a_device_that_was_removed_since_is_answered_with_the_removed_device() {
        Device gone = removed(aDevice(), 20);
        Registry registry = registryOf(gone);
        DeviceUpdate late = rotationTo(OTHER_TOKEN, observedAt(19));

        assertThat(registry.rotate(CUSTOMER, TOKEN, late, LIMIT)).isEqualTo(gone);
        assertThat(registry.change(CUSTOMER, gone.id(), Precondition.NONE, late, LIMIT))
                .isEqualTo(gone);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_change_as_old_as_the_removal_of_the_device_is_refused() {
        Device gone = removed(aDevice(), 20);
        Registry registry = registryOf(gone);
        DeviceUpdate update = rotationTo(OTHER_TOKEN, observedAt(20));

        assertThatExceptionOfType(UnknownTokenException.class)
                .isThrownBy(() -> registry.rotate(CUSTOMER, TOKEN, update, LIMIT));
        assertThatExceptionOfType(DeviceRemovedException.class)
                .isThrownBy(() -> registry.change(CUSTOMER, gone.id(), Precondition.NONE, update, LIMIT));
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_change_as_old_as_what_the_device_reflects_counts() {
        Registry registry = registryOf(aDevice(CUSTOMER, TOKEN, 20));

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(20)), LIMIT);

        assertThat(rotated.token()).isEqualTo(OTHER_TOKEN);
    }

    @Test
    void a_late_change_to_a_token_that_someone_took_since_ends_the_device_with_that_token() {
        Device device = aDevice();
        Device holder = aDevice(ANOTHER, OTHER_TOKEN, 20);
        Registry registry = registryOf(device, holder);

        Device lost = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(19)), LIMIT);

        assertThat(lost.id()).isEqualTo(device.id());
        assertThat(lost.token()).isEqualTo(OTHER_TOKEN);
        assertThat(lost.removalReason()).isEqualTo(TRANSFERRED);
        assertThat(lost.version()).isGreaterThan(device.version());
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, lost))
                .allMatch(Change::concernsProviders);
        assertThat(new Change(device, lost).tokenGivenUp()).contains(TOKEN);
    }

    @Test
    void a_late_change_to_a_token_that_someone_took_since_and_lost_again_ends_the_device_with_that_token() {
        Device device = aDevice();
        Device former = removed(aDevice(ANOTHER, OTHER_TOKEN, 20), 30);
        Registry registry = registryOf(device, former);

        Device lost = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(19)), LIMIT);

        assertThat(lost.token()).isEqualTo(OTHER_TOKEN);
        assertThat(lost.removalReason()).isEqualTo(TRANSFERRED);
        assertThat(registry.changedDevices()).containsExactly(new Change(device, lost));
    }

    @Test
    void a_late_change_to_a_token_that_the_customer_had_and_someone_took_since_leaves_one_device_with_it() {
        Device device = aDevice();
        Device former = transferred(aDevice(CUSTOMER, OTHER_TOKEN), 20);
        Device holder = aDevice(ANOTHER, OTHER_TOKEN, 20);
        Registry registry = registryOf(device, former, holder);
        DeviceUpdate late = rotationTo(OTHER_TOKEN, observedAt(19));

        Device lost = registry.rotate(CUSTOMER, TOKEN, late, LIMIT);

        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(former, former.removed(REPLACED, observedAt(19), LATER)), new Change(device, lost));
        assertThat(lost.removalReason()).isEqualTo(TRANSFERRED);
    }

    @Test
    void a_change_as_old_as_when_the_holder_was_last_seen_takes_the_token() {
        Device holder = aDevice(ANOTHER, OTHER_TOKEN, 20);
        Registry registry = registryOf(aDevice(), holder);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(20)), LIMIT);

        assertThat(rotated.isActive()).isTrue();
        assertThat(registry.changedDevices())
                .contains(new Change(holder, holder.removed(TRANSFERRED, observedAt(20), LATER)));
    }

    @Test
    void a_change_takes_the_token_of_a_holder_that_only_changed_its_metadata_since() {
        Device device = aDevice();
        Device holder = aDevice(ANOTHER, OTHER_TOKEN, 10).changed(DESCRIBED, minute(20));
        Registry registry = registryOf(device, holder);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(11)), LIMIT);

        assertThat(rotated.isActive()).isTrue();
        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(holder, holder.removed(TRANSFERRED, observedAt(11), LATER)),
                        new Change(device, rotated));
    }

    @Test
    void a_late_change_to_a_token_that_the_customer_registered_since_leaves_the_device_as_recently_seen() {
        Device device = aDevice();
        Device newer = aDevice(CUSTOMER, OTHER_TOKEN, 20).changed(DESCRIBED, minute(30));
        Registry registry = registryOf(device, newer);

        Device rotated = rotatedInPlaceOf(newer, device, registry);

        assertThat(rotated.isActive()).isTrue();
        assertThat(rotated.lastSeenAt()).isEqualTo(minute(20));
        assertThat(rotated.asOf()).isEqualTo(minute(30));
        assertThat(rotated.statusSince()).isEqualTo(device.statusSince());
        assertThat(new Change(device, rotated).concernsProviders()).isTrue();
    }

    @Test
    void a_late_change_to_a_token_that_the_customer_removed_since_ends_the_device_for_that_reason() {
        Device device = aDevice();
        Device newer = removed(aDevice(CUSTOMER, OTHER_TOKEN, 10), 20);
        Registry registry = registryOf(device, newer);

        Device ended = rotatedInPlaceOf(newer, device, registry);

        assertThat(ended.removalReason()).isEqualTo(DEREGISTERED);
        assertThat(ended.lastSeenAt()).isEqualTo(minute(19));
        assertThat(ended.asOf()).isEqualTo(minute(20));
        assertThat(ended.statusSince()).isEqualTo(LATER);
        assertThat(new Change(device, ended).concernsProviders()).isTrue();
        assertThat(new Change(device, ended).tokenGivenUp()).contains(TOKEN);
    }

    @Test
    void a_late_change_to_a_token_that_was_found_dead_since_leaves_the_device_as_dead() {
        Device device = aDevice();
        Device newer = aDevice(CUSTOMER, OTHER_TOKEN, 10).foundDead(UNREGISTERED, observedAt(20), minute(21));
        Registry registry = registryOf(device, newer);

        Device dead = rotatedInPlaceOf(newer, device, registry);

        assertThat(dead.status()).isEqualTo(DeviceStatus.INVALID);
        assertThat(dead.invalidReason()).isEqualTo(UNREGISTERED);
        assertThat(dead.asOf()).isEqualTo(minute(20));
    }

    @Test
    void a_late_change_to_a_token_that_the_customer_lost_since_ends_the_device_even_if_nobody_holds_it_by_now() {
        Device device = aDevice();
        Device newer = transferred(aDevice(CUSTOMER, OTHER_TOKEN, 10), 20);
        Device formerHolder = removed(aDevice(ANOTHER, OTHER_TOKEN, 20), 30);
        Registry registry = registryOf(device, newer, formerHolder);

        Device lost = rotatedInPlaceOf(newer, device, registry);

        assertThat(lost.removalReason()).isEqualTo(TRANSFERRED);
    }

    @Test
    void a_late_change_to_a_token_that_the_customer_gave_up_since_does_not_take_it_from_its_holder() {
        Device device = aDevice();
        Device holder = aDevice(ANOTHER, OTHER_TOKEN, 10);
        Device newer = transferred(aDevice(CUSTOMER, OTHER_TOKEN), 10).removed(TRANSFERRED, observedAt(20), minute(20));
        Registry registry = registryOf(device, newer, holder);

        Device lost = rotatedInPlaceOf(newer, device, registry);

        assertThat(lost.removalReason()).isEqualTo(TRANSFERRED);
        assertThat(lost.asOf()).isEqualTo(minute(20));
    }

    /** By a message from minute 19. */
    private static Device rotatedInPlaceOf(Device newer, Device device, Registry registry) {
        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(19)), LIMIT);

        assertThat(rotated.id()).isEqualTo(device.id());
        assertThat(rotated.token()).isEqualTo(OTHER_TOKEN);
        assertThat(rotated.version()).isGreaterThan(device.version());
        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(newer, newer.removed(REPLACED, observedAt(19), LATER)), new Change(device, rotated));
        return rotated;
    }

    @Test
    void what_is_older_than_the_end_that_a_device_inherited_stays_late() {
        Registry registry = registryOf(aDevice(), removed(aDevice(CUSTOMER, OTHER_TOKEN), 30));
        Device ended = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(19)), LIMIT);

        Registration late = registry.register(CUSTOMER, android(OTHER_TOKEN, observedAt(29)), LIMIT);

        assertThat(late).isEqualTo(new Registration(ended, Outcome.EXISTING));
    }

    @Test
    void a_change_as_old_as_what_the_device_that_it_replaces_reflects_inherits_nothing() {
        Registry registry = registryOf(aDevice(), removed(aDevice(CUSTOMER, OTHER_TOKEN), 20));

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(20)), LIMIT);

        assertThat(rotated.isActive()).isTrue();
    }

    @Test
    void a_late_change_to_a_token_that_someone_holds_inherits_what_the_customer_said_of_it_since() {
        Device lost = transferred(aDevice(CUSTOMER, OTHER_TOKEN), 20).removed(TRANSFERRED, observedAt(30), minute(30));
        Registry registry = registryOf(aDevice(), lost, aDevice(ANOTHER, OTHER_TOKEN, 20));

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(19)), LIMIT);
        Registration late = registry.register(CUSTOMER, android(OTHER_TOKEN, observedAt(25)), LIMIT);

        assertThat(rotated.asOf()).isEqualTo(minute(30));
        assertThat(late).isEqualTo(new Registration(rotated, Outcome.EXISTING));
    }

    @Test
    void a_late_change_to_a_token_that_the_customer_registered_since_keeps_what_was_said_then() {
        Device newer = Device.registered(
                anId(), CUSTOMER, new DeviceRegistration(Examples.IOS, OTHER_TOKEN, METADATA), minute(20));
        Registry registry = registryOf(aDevice(), newer);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(19)), LIMIT);

        assertThat(rotated.type()).isEqualTo(Examples.IOS);
        assertThat(rotated.metadata()).isEqualTo(METADATA);
    }

    @Test
    void a_repeated_rotation_finds_its_device_even_if_the_old_token_was_used_and_removed_since() {
        Device rotated = aDevice(CUSTOMER, OTHER_TOKEN, 10);
        Registry registry = registryOf(rotated, removed(aDevice(CUSTOMER, TOKEN, 15), 20));

        Device answer = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(10)), LIMIT);

        assertThat(answer).isEqualTo(rotated);
        assertThat(registry.changedDevices()).isEmpty();
    }
}
