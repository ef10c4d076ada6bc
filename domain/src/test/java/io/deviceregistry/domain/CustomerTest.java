package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.NOW;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deviceregistry.domain.Registration.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomerTest {
    private static final Instant LATER = NOW.plusSeconds(3600);

    private static Customer having(Device... devices) {
        return new Customer(CUSTOMER, List.of(devices));
    }

    private static Registration register(Customer customer, DeviceRegistration registration) {
        return customer.register(registration, false, Examples::anId, LATER);
    }

    @Test
    void a_token_that_is_new_makes_a_device() {
        DeviceId id = anId();

        Registration made = Customer.withoutDevices(CUSTOMER).register(android(TOKEN), false, () -> id, LATER);

        assertThat(made)
                .isEqualTo(new Registration(Device.registered(id, CUSTOMER, android(TOKEN), LATER), Outcome.CREATED));
    }

    @Test
    void another_token_of_the_same_customer_makes_another_device() {
        Registration made = register(having(aDevice()), android(OTHER_TOKEN));

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().token()).isEqualTo(OTHER_TOKEN);
    }

    @Test
    void a_token_that_somebody_else_holds_is_transferred() {
        Registration made = Customer.withoutDevices(CUSTOMER).register(android(TOKEN), true, Examples::anId, LATER);

        assertThat(made.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(made.device().version()).isEqualTo(1);
    }

    @Test
    void a_token_that_comes_back_from_somebody_else_brings_back_the_device() {
        Device gone = aDevice().transferredAway();

        Registration back = having(gone).register(android(TOKEN), true, Examples::anId, LATER);

        assertThat(back.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(back.device()).isEqualTo(gone.registeredAgain(android(TOKEN), LATER));
    }

    @Test
    void a_removed_or_invalid_device_is_reactivated() {
        Device gone = aDevice().transferredAway();
        Device dead = invalid(aDevice());

        assertThat(register(having(gone), android(TOKEN)))
                .isEqualTo(new Registration(gone.registeredAgain(android(TOKEN), LATER), Outcome.REACTIVATED));
        assertThat(register(having(dead), android(TOKEN)))
                .isEqualTo(new Registration(dead.registeredAgain(android(TOKEN), LATER), Outcome.REACTIVATED));
    }

    @Test
    void another_type_or_other_metadata_changes_the_device() {
        Device device = aDevice();

        assertThat(register(having(device), ios(TOKEN)))
                .isEqualTo(new Registration(device.registeredAgain(ios(TOKEN), LATER), Outcome.CHANGED));
        assertThat(register(having(device), new DeviceRegistration(Examples.ANDROID, TOKEN, METADATA))
                        .outcome())
                .isEqualTo(Outcome.CHANGED);
    }

    @Test
    void a_device_that_is_only_seen_again_exists_already() {
        Device device = aDevice();

        Registration again = register(having(device), android(TOKEN));

        assertThat(again.outcome()).isEqualTo(Outcome.EXISTING);
        assertThat(again.device().lastSeenAt()).isEqualTo(LATER);
    }

    @Test
    void no_id_is_asked_for_where_the_device_is_known() {
        Registration again = having(aDevice())
                .register(
                        ios(TOKEN),
                        false,
                        () -> {
                            throw new AssertionError("asked for an id");
                        },
                        LATER);

        assertThat(again.outcome()).isEqualTo(Outcome.CHANGED);
    }

    @Test
    void a_device_takes_the_place_of_its_former_state() {
        Device device = aDevice();
        Device other = Device.registered(anId(), CUSTOMER, android(OTHER_TOKEN), NOW);
        Device changed = device.registeredAgain(ios(TOKEN), LATER);

        Customer after = having(device).with(other).with(changed);

        assertThat(after.devices()).containsExactlyInAnyOrder(changed, other);
        assertThat(after.device(TOKEN)).contains(changed);
        assertThat(after.device(new DeviceToken("unknown"))).isEmpty();
    }

    @Test
    void a_customer_has_only_devices_of_its_own() {
        Device device = aDevice();

        assertThatIllegalArgumentException().isThrownBy(() -> new Customer(new CustomerId("another"), List.of(device)));
    }

    @Test
    void a_customer_has_one_device_per_token() {
        assertThatIllegalArgumentException().isThrownBy(() -> having(aDevice(), aDevice()));
    }

    @Test
    void a_later_change_of_the_callers_list_changes_nothing() {
        List<Device> devices = new ArrayList<>(List.of(aDevice()));
        Customer customer = new Customer(CUSTOMER, devices);

        devices.clear();

        assertThat(customer.devices()).hasSize(1);
    }
}
