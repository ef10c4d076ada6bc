package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.IOS;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.THIRD_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.rotationTo;
import static io.deviceregistry.domain.Examples.transferred;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RegistryBuilder.with;
import static io.deviceregistry.domain.RemovalReason.REPLACED;
import static io.deviceregistry.domain.RemovalReason.TRANSFERRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.Registry.Change;
import org.junit.jupiter.api.Test;

/** How a known device changes, by the token that it has or by its id. */
class RotationRulesTest {

    @Test
    void rotation_by_the_current_token_keeps_the_device_and_goes_out_as_one_update() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(rotated).isEqualTo(device.changed(rotationTo(OTHER_TOKEN), LATER));
        assertThat(rotated.id()).isEqualTo(device.id());
        assertThat(rotated.version()).isEqualTo(2);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, rotated))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void rotation_by_id_does_the_same() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Device rotated = registry.change(CUSTOMER, device.id(), Precondition.NONE, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(rotated).isEqualTo(device.changed(rotationTo(OTHER_TOKEN), LATER));
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, rotated))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void rotation_gives_up_the_token_by_which_providers_know_the_device() {
        Registry registry = registryOf(aDevice());

        registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(registry.changedDevices())
                .singleElement()
                .satisfies(change -> assertThat(change.tokenGivenUp()).contains(TOKEN));
    }

    @Test
    void the_token_that_was_given_up_is_new_again_when_it_is_registered() {
        Device device = aDevice();
        Registry registry = registryOf(device);
        registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        Registration made = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().id()).isNotEqualTo(device.id());
    }

    @Test
    void a_holder_of_the_new_token_is_transferred_away_and_this_device_survives() {
        Device device = aDevice();
        Device holder = aDevice(ANOTHER, OTHER_TOKEN);
        Registry registry = registryOf(device, holder);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(rotated).isEqualTo(device.changed(rotationTo(OTHER_TOKEN), LATER));
        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(holder, holder.removed(TRANSFERRED, ON_ARRIVAL, LATER)), new Change(device, rotated))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void another_device_of_the_customer_with_the_new_token_is_replaced_and_goes_out_first() {
        Device device = aDevice();
        Device other = aDevice(CUSTOMER, OTHER_TOKEN);
        Registry registry = registryOf(device, other);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        Device replaced = replaced(other);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(other, replaced), new Change(device, rotated))
                .allMatch(Change::concernsProviders);
        assertThat(replaced.removalReason()).isEqualTo(REPLACED);
        assertThat(replaced.hasToken()).isFalse();
        assertThat(new Change(other, replaced).tokenGivenUp()).contains(OTHER_TOKEN);
    }

    @Test
    void an_inactive_device_of_the_customer_with_the_new_token_is_replaced_too_but_no_provider_hears_of_it() {
        Device device = aDevice();
        Device gone = removed(aDevice(CUSTOMER, OTHER_TOKEN), 10);
        Registry registry = registryOf(device, gone);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(registry.changedDevices())
                .containsExactly(new Change(gone, replaced(gone)), new Change(device, rotated));
        assertThat(new Change(gone, replaced(gone)).concernsProviders()).isFalse();
        assertThat(new Change(gone, replaced(gone)).tokenGivenUp()).contains(OTHER_TOKEN);
    }

    @Test
    void the_new_token_may_displace_a_holder_and_replace_what_this_customer_lost_to_it() {
        Device device = aDevice();
        Device lost = transferred(aDevice(CUSTOMER, OTHER_TOKEN), 10);
        Device holder = aDevice(ANOTHER, OTHER_TOKEN, 10);
        Registry registry = registryOf(device, lost, holder);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(holder, holder.removed(TRANSFERRED, ON_ARRIVAL, LATER)),
                        new Change(lost, replaced(lost)),
                        new Change(device, rotated));
    }

    @Test
    void a_replaced_device_never_comes_back_not_even_with_its_token() {
        Device device = aDevice();
        Device replaced = replaced(aDevice(CUSTOMER, OTHER_TOKEN));
        Registry registry = registryOf(device, replaced);

        Registration made = registry.register(CUSTOMER, android(OTHER_TOKEN), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().id()).isNotEqualTo(replaced.id());
    }

    @Test
    void an_invalid_device_is_revived_by_its_new_token() {
        Device dead = invalid(aDevice(), 10);
        Registry registry = registryOf(dead);

        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(rotated.isActive()).isTrue();
        assertThat(registry.changedDevices())
                .containsExactly(new Change(dead, dead.changed(rotationTo(OTHER_TOKEN), LATER)))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void a_repeated_rotation_finds_the_device_as_it_is() {
        Device rotatedBefore = aDevice(CUSTOMER, OTHER_TOKEN);
        Registry registry = registryOf(rotatedBefore);

        Device answer = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(answer).isEqualTo(rotatedBefore);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_removed_device_with_the_current_token_does_not_count_and_one_with_the_new_token_answers() {
        Device gone = removed(aDevice(), 10);
        Device device = aDevice(CUSTOMER, OTHER_TOKEN);
        Registry registry = registryOf(gone, device);

        Device answer = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT);

        assertThat(answer).isEqualTo(device);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void an_unknown_current_token_is_refused_and_nobody_loses_the_new_one() {
        assertRotationRefusedAmong(aDevice(ANOTHER, OTHER_TOKEN));
    }

    @Test
    void a_current_token_that_only_another_customer_knows_is_unknown() {
        assertRotationRefusedAmong(aDevice(ANOTHER, TOKEN));
    }

    @Test
    void a_current_token_whose_device_is_removed_is_unknown() {
        assertRotationRefusedAmong(removed(aDevice(), 10));
    }

    @Test
    void a_device_that_has_the_new_token_but_is_not_active_is_no_sign_of_a_repeated_call() {
        assertRotationRefusedAmong(invalid(aDevice(CUSTOMER, OTHER_TOKEN), 10));
    }

    private static void assertRotationRefusedAmong(Device... devices) {
        Registry registry = registryOf(devices);

        assertThatExceptionOfType(UnknownTokenException.class)
                .isThrownBy(() -> registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN), LIMIT));

        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void an_unknown_current_token_is_refused_where_no_new_one_is_given() {
        Registry registry = registryOf(aDevice());
        DeviceUpdate update = new DeviceUpdate(IOS, null, null, ON_ARRIVAL);

        assertThatExceptionOfType(UnknownTokenException.class)
                .isThrownBy(() -> registry.rotate(CUSTOMER, THIRD_TOKEN, update, LIMIT));
    }

    @Test
    void the_present_token_as_the_new_one_replaces_nothing() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Device answer = registry.rotate(CUSTOMER, TOKEN, new DeviceUpdate(IOS, TOKEN, null, ON_ARRIVAL), LIMIT);

        assertThat(answer.type()).isEqualTo(IOS);
        assertThat(registry.changedDevices()).containsExactly(new Change(device, answer));
        assertThat(new Change(device, answer).tokenGivenUp()).isEmpty();
    }

    @Test
    void metadata_alone_is_a_new_version_that_concerns_no_provider() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Device described = registry.change(
                CUSTOMER, device.id(), Precondition.NONE, new DeviceUpdate(null, null, METADATA, ON_ARRIVAL), LIMIT);

        assertThat(described.metadata()).isEqualTo(METADATA);
        assertThat(described.version()).isEqualTo(2);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, described))
                .noneMatch(Change::concernsProviders);
    }

    @Test
    void a_removed_device_cannot_be_changed_by_its_id() {
        Device gone = removed(aDevice(), 10);

        assertChangeRefused(registryOf(gone), gone.id(), DeviceRemovedException.class);
    }

    @Test
    void a_device_of_another_customer_is_unknown_by_its_id_and_stays() {
        Device others = aDevice(ANOTHER, TOKEN);

        assertChangeRefused(registryOf(others), others.id(), UnknownDeviceException.class);
    }

    @Test
    void an_id_that_there_is_not_is_unknown() {
        DeviceId nobodys = anId();

        assertChangeRefused(with(aDevice()).askedFor(nobodys).build(), nobodys, UnknownDeviceException.class);
    }

    private static void assertChangeRefused(
            Registry registry, DeviceId id, Class<? extends RegistryException> refusal) {
        assertThatExceptionOfType(refusal)
                .isThrownBy(() -> registry.change(CUSTOMER, id, Precondition.NONE, rotationTo(OTHER_TOKEN), LIMIT));

        assertThat(registry.changedDevices()).isEmpty();
    }

    private static Device replaced(Device device) {
        return device.removed(REPLACED, ON_ARRIVAL, LATER);
    }
}
