package io.deviceregistry.domain;

import static io.deviceregistry.domain.DeviceTest.assertOnlyDiffer;
import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.minute;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.transferred;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RegistryBuilder.with;
import static io.deviceregistry.domain.RemovalReason.DEREGISTERED;
import static io.deviceregistry.domain.RemovalReason.REPLACED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.domain.Registry.Change;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RemovalRulesTest {

    @Test
    void removal_by_token_leaves_a_removed_device_and_goes_out() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, device.removed(DEREGISTERED, ON_ARRIVAL, LATER)))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void removal_by_id_does_the_same() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        registry.remove(CUSTOMER, device.id(), Precondition.NONE);

        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, device.removed(DEREGISTERED, ON_ARRIVAL, LATER)))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void a_removal_that_is_repeated_with_the_version_before_it_succeeds_and_with_any_other_does_not() {
        Device device = aDevice();
        Precondition before = new Precondition(Set.of(device.version()));
        Registry registry = registryOf(device);
        registry.remove(CUSTOMER, device.id(), before);

        registry.remove(CUSTOMER, device.id(), before);
        registry.remove(CUSTOMER, device.id(), new Precondition(Set.of(device.version() + 1)));

        assertThat(registry.changedDevices())
                .extracting(Change::after)
                .extracting(Device::version)
                .containsExactly(device.version() + 1);
        for (long other : new long[] {device.version() - 1, device.version() + 2}) {
            assertThatExceptionOfType(StaleVersionException.class)
                    .isThrownBy(() -> registry.remove(CUSTOMER, device.id(), new Precondition(Set.of(other))));
        }
    }

    @Test
    void a_removed_device_keeps_its_token_so_that_a_registration_can_bring_it_back() {
        Registry registry = registryOf(aDevice());

        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertThat(registry.changedDevices()).singleElement().satisfies(change -> {
            assertThat(change.after().hasToken()).isTrue();
            assertThat(change.tokenGivenUp()).isEmpty();
        });
    }

    @Test
    void a_repeated_removal_by_token_moves_only_the_time() {
        Device gone = removed(aDevice(), 10);
        Registry registry = registryOf(gone);

        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertOnlyTheTimeMoved(gone, registry);
    }

    @Test
    void a_repeated_removal_by_id_moves_only_the_time() {
        Device gone = removed(aDevice(), 10);
        Registry registry = registryOf(gone);

        registry.remove(CUSTOMER, gone.id(), Precondition.NONE);

        assertOnlyTheTimeMoved(gone, registry);
    }

    @Test
    void a_replaced_device_that_is_removed_by_its_id_stays_replaced() {
        Device replaced = aDevice().removed(REPLACED, ON_ARRIVAL, minute(10));
        Registry registry = registryOf(replaced);

        registry.remove(CUSTOMER, replaced.id(), Precondition.NONE);

        assertOnlyTheTimeMoved(replaced, registry);
    }

    private static void assertOnlyTheTimeMoved(Device gone, Registry registry) {
        assertThat(registry.changedDevices()).singleElement().satisfies(change -> {
            assertThat(change.before()).isEqualTo(gone);
            assertOnlyDiffer(change.after(), gone, "asOf");
            assertThat(change.after().asOf()).isEqualTo(LATER);
            assertThat(change.concernsProviders()).isFalse();
            assertThat(change.tokenGivenUp()).isEmpty();
        });
    }

    @Test
    void an_invalid_device_can_be_removed_and_providers_have_heard_of_its_end_before() {
        Device dead = invalid(aDevice(), 10);
        Registry registry = registryOf(dead);

        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertThat(registry.changedDevices())
                .containsExactly(new Change(dead, dead.removed(DEREGISTERED, ON_ARRIVAL, LATER)))
                .noneMatch(Change::concernsProviders);
    }

    @Test
    void removal_of_an_unknown_token_is_no_fault() {
        Registry registry = registryOf(aDevice());

        registry.remove(CUSTOMER, OTHER_TOKEN, ON_ARRIVAL);

        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_late_logout_cannot_remove_the_device_of_the_next_holder() {
        Device lost = transferred(aDevice(), 10);
        Device held = aDevice(ANOTHER, TOKEN, 10);
        Registry registry = registryOf(lost, held);

        registry.remove(CUSTOMER, TOKEN, ON_ARRIVAL);

        assertOnlyTheTimeMoved(lost, registry);
    }

    @Test
    void a_device_of_another_customer_is_unknown_by_its_id_and_stays() {
        Device others = aDevice(ANOTHER, TOKEN);

        assertRemovalRefused(registryOf(others), others.id());
    }

    @Test
    void an_id_that_there_is_not_is_unknown() {
        DeviceId nobodys = anId();

        assertRemovalRefused(with(aDevice()).askedFor(nobodys).build(), nobodys);
    }

    private static void assertRemovalRefused(Registry registry, DeviceId id) {
        assertThatExceptionOfType(UnknownDeviceException.class)
                .isThrownBy(() -> registry.remove(CUSTOMER, id, Precondition.NONE))
                .withMessage("This customer has no device " + id + ".");

        assertThat(registry.changedDevices()).isEmpty();
    }
}
