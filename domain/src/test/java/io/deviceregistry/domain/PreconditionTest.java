package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.THIRD_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.ios;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.rotationTo;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreconditionTest {

    private static Precondition version(Long... anyOf) {
        return new Precondition(Set.of(anyOf));
    }

    private static void rotate(Registry registry, Device device, Precondition precondition) {
        registry.change(device.customer(), device.id(), precondition, rotationTo(OTHER_TOKEN), LIMIT);
    }

    @Test
    void a_device_of_the_version_that_the_caller_believes_is_changed() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        rotate(registry, device, version(1L));

        assertThat(registry.changedDevices()).hasSize(1);
    }

    @Test
    void a_device_of_the_version_that_the_caller_believes_is_removed() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        registry.remove(CUSTOMER, device.id(), version(1L));

        assertThat(registry.changedDevices()).hasSize(1);
    }

    @Test
    void any_of_several_versions_will_do() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        rotate(registry, device, version(7L, 1L));

        assertThat(registry.changedDevices()).hasSize(1);
    }

    @Test
    void a_device_of_another_version_is_neither_changed_nor_removed() {
        Device device = aDevice();

        assertStale(device, version(2L));
    }

    @Test
    void no_version_at_all_is_the_version_of_no_device() {
        Device device = aDevice();

        assertStale(device, version());
    }

    private static void assertStale(Device device, Precondition precondition) {
        Registry registry = registryOf(device);

        assertThatExceptionOfType(StaleVersionException.class).isThrownBy(() -> rotate(registry, device, precondition));
        assertThatExceptionOfType(StaleVersionException.class)
                .isThrownBy(() -> registry.remove(CUSTOMER, device.id(), precondition));

        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void the_version_that_an_earlier_operation_of_the_change_made_is_the_one_that_counts() {
        Device device = aDevice();
        Registry registry = registryOf(device);
        registry.register(CUSTOMER, ios(TOKEN), LIMIT);

        assertThatExceptionOfType(StaleVersionException.class).isThrownBy(() -> rotate(registry, device, version(1L)));
        rotate(registry, device, version(2L));

        assertThat(registry.changedDevices())
                .singleElement()
                .satisfies(change -> assertThat(change.after().token()).isEqualTo(OTHER_TOKEN));
    }

    @Test
    void a_removed_device_is_answered_as_stale_to_who_would_change_it_believing_that_it_is_not_removed() {
        Device gone = removed(aDevice(), 10);
        Registry registry = registryOf(gone);

        assertThatExceptionOfType(StaleVersionException.class).isThrownBy(() -> rotate(registry, gone, version(1L)));
    }

    @Test
    void the_version_of_another_customers_device_cannot_be_probed() {
        Device others = aDevice(ANOTHER, THIRD_TOKEN);
        Registry registry = registryOf(others);

        assertThatExceptionOfType(UnknownDeviceException.class)
                .isThrownBy(() -> registry.remove(CUSTOMER, others.id(), version(2L)));
    }

    @Test
    void a_later_change_of_the_callers_set_changes_nothing() {
        Set<Long> versions = new HashSet<>(Set.of(1L));
        Precondition precondition = new Precondition(versions);

        versions.add(2L);

        assertThat(precondition).isEqualTo(version(1L));
    }
}
