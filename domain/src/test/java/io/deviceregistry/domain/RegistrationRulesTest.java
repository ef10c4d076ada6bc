package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANDROID;
import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.NOW;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.ios;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.transferred;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RegistryBuilder.with;
import static io.deviceregistry.domain.RemovalReason.TRANSFERRED;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.Registry.Change;
import org.junit.jupiter.api.Test;

/** What a registration that is not late makes of the devices. See {@link LateMessagesTest} for those that are. */
class RegistrationRulesTest {

    @Test
    void a_new_token_makes_a_device_of_version_one_that_is_due_for_every_provider() {
        DeviceId id = anId();
        Registry registry = with().withNewIds(() -> id).build();

        Registration made = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        Device device = Device.registered(id, CUSTOMER, android(TOKEN), LATER);
        assertThat(made).isEqualTo(new Registration(device, Outcome.CREATED));
        assertThat(device.version()).isEqualTo(1);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(null, device))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void another_token_of_the_same_customer_makes_another_device() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Registration made = registry.register(CUSTOMER, android(OTHER_TOKEN), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().id()).isNotEqualTo(device.id());
        assertThat(registry.changedDevices()).containsExactly(new Change(null, made.device()));
    }

    @Test
    void the_same_token_of_the_same_customer_is_the_same_device_seen_again_of_which_no_provider_hears() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Registration again = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(again).isEqualTo(new Registration(device.registeredAgain(android(TOKEN), LATER), Outcome.EXISTING));
        assertThat(again.device().lastSeenAt()).isEqualTo(LATER);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, again.device()))
                .noneMatch(Change::concernsProviders);
    }

    @Test
    void a_refresh_without_a_time_within_a_minute_of_the_last_writes_nothing() {
        Device device = Device.registered(anId(), CUSTOMER, android(TOKEN), LATER.minusSeconds(59));
        Registry registry = registryOf(device);

        Registration again = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(again).isEqualTo(new Registration(device, Outcome.EXISTING));
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_refresh_with_a_newer_time_is_written_even_within_a_minute_of_the_last_and_no_provider_hears_of_it() {
        Device device = aDevice();
        DeviceRegistration refresh = android(TOKEN, new Observation(NOW.plusSeconds(1)));
        Registry registry = registryOf(device);

        Registration again = registry.register(CUSTOMER, refresh, LIMIT);

        assertThat(again).isEqualTo(new Registration(device.registeredAgain(refresh, LATER), Outcome.EXISTING));
        assertThat(again.device().asOf()).isEqualTo(NOW.plusSeconds(1));
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, again.device()))
                .noneMatch(Change::concernsProviders);
    }

    @Test
    void other_metadata_changes_the_device_without_any_provider_hearing_of_it() {
        Device device = aDevice();
        DeviceRegistration described = new DeviceRegistration(ANDROID, TOKEN, METADATA);
        Registry registry = registryOf(device);

        Registration changed = registry.register(CUSTOMER, described, LIMIT);

        assertThat(changed).isEqualTo(new Registration(device.registeredAgain(described, LATER), Outcome.CHANGED));
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, changed.device()))
                .noneMatch(Change::concernsProviders);
    }

    @Test
    void another_type_changes_the_device_and_goes_out() {
        Device device = aDevice();
        Registry registry = registryOf(device);

        Registration changed = registry.register(CUSTOMER, ios(TOKEN), LIMIT);

        assertThat(changed).isEqualTo(new Registration(device.registeredAgain(ios(TOKEN), LATER), Outcome.CHANGED));
        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, changed.device()))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void a_removed_device_is_reactivated_with_the_same_id_and_the_next_version() {
        Device gone = removed(aDevice(), 10);
        Registry registry = registryOf(gone);

        Registration back = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertReactivated(gone, back, registry);
    }

    @Test
    void a_device_that_was_transferred_away_is_reactivated_once_nobody_holds_its_token() {
        Device gone = transferred(aDevice(), 10);
        Device holderUntilItLeft = removed(aDevice(ANOTHER, TOKEN, 10), 20);
        Registry registry = registryOf(gone, holderUntilItLeft);

        Registration back = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertReactivated(gone, back, registry);
    }

    @Test
    void an_invalid_device_is_reactivated_with_the_same_id_and_the_next_version() {
        Device dead = invalid(aDevice(), 10);
        Registry registry = registryOf(dead);

        Registration back = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertReactivated(dead, back, registry);
    }

    private static void assertReactivated(Device gone, Registration back, Registry registry) {
        assertThat(back).isEqualTo(new Registration(gone.registeredAgain(android(TOKEN), LATER), Outcome.REACTIVATED));
        assertThat(back.device().id()).isEqualTo(gone.id());
        assertThat(back.device().version()).isEqualTo(gone.version() + 1);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(gone, back.device()))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void a_token_that_another_customer_holds_is_transferred_with_the_removal_first() {
        Device held = aDevice(ANOTHER, TOKEN);
        Registry registry = registryOf(held);

        Registration made = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(made.device()).isEqualTo(Device.registered(made.device().id(), CUSTOMER, android(TOKEN), LATER));
        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(held, held.removed(TRANSFERRED, ON_ARRIVAL, LATER)), new Change(null, made.device()))
                .allMatch(Change::concernsProviders);
    }

    @Test
    void a_token_that_comes_back_from_another_customer_brings_back_the_device() {
        Device gone = transferred(aDevice(), 10);
        Device held = aDevice(ANOTHER, TOKEN, 10);
        Registry registry = registryOf(gone, held);

        Registration back = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(back).isEqualTo(new Registration(gone.registeredAgain(android(TOKEN), LATER), Outcome.TRANSFERRED));
        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(held, held.removed(TRANSFERRED, ON_ARRIVAL, LATER)),
                        new Change(gone, back.device()));
    }

    @Test
    void an_inactive_device_of_another_customer_with_the_token_stays_as_it_is() {
        Device dead = invalid(aDevice(ANOTHER, TOKEN), 10);
        Registry registry = registryOf(dead);

        Registration made = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(registry.changedDevices()).containsExactly(new Change(null, made.device()));
    }

    @Test
    void the_same_token_twice_in_one_change_is_one_device() {
        Registry registry = registryOf();

        Registration first = registry.register(CUSTOMER, android(TOKEN), LIMIT);
        Registration second = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(second).isEqualTo(new Registration(first.device(), Outcome.EXISTING));
        assertThat(registry.changedDevices()).containsExactly(new Change(null, first.device()));
    }

    @Test
    void no_id_is_asked_for_where_the_device_is_known() {
        Registry registry = with(aDevice())
                .withNewIds(() -> {
                    throw new AssertionError("asked for an id");
                })
                .build();

        Registration again = registry.register(CUSTOMER, ios(TOKEN), LIMIT);

        assertThat(again.outcome()).isEqualTo(Outcome.CHANGED);
    }
}
