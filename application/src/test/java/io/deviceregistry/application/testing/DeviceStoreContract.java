package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registration.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link DeviceStore} does with registrations. */
public abstract class DeviceStoreContract extends RegistryContract {
    private static final DeviceMetadata METADATA =
            new DeviceMetadata("app", "1.2", "16", "de-DE", "Europe/Berlin", Map.of("plan", "gold", "a", "b"));

    @Test
    void a_new_token_makes_an_active_device_of_version_one() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();

        Registration made = register(customer, new DeviceRegistration(Examples.ANDROID, token, METADATA));

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        Device device = made.device();
        assertThat(device.customer()).isEqualTo(customer);
        assertThat(device.type()).isEqualTo(Examples.ANDROID);
        assertThat(device.token()).isEqualTo(token);
        assertThat(device.status()).isEqualTo(DeviceStatus.ACTIVE);
        assertThat(device.version()).isEqualTo(1);
        assertThat(device.metadata()).isEqualTo(METADATA);
        assertThat(device.lastSeenAt()).isEqualTo(device.registeredAt());
        assertThat(devicesOf(customer)).containsExactly(device);
    }

    @Test
    void the_same_token_again_finds_the_same_device_and_writes_nothing() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Registration first = register(customer, android(token));

        Registration second = register(customer, android(token));

        assertThat(second).isEqualTo(new Registration(first.device(), Outcome.EXISTING));
        assertThat(devicesOf(customer)).containsExactly(first.device());
    }

    @Test
    void another_type_for_the_token_is_the_next_version_of_the_device() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Registration first = register(customer, android(token));

        Registration second = register(customer, ios(token));

        assertThat(second.outcome()).isEqualTo(Outcome.CHANGED);
        assertThat(second.device().id()).isEqualTo(first.device().id());
        assertThat(second.device().version()).isEqualTo(2);
        assertThat(second.device().type()).isEqualTo(Examples.IOS);
        assertThat(devicesOf(customer)).containsExactly(second.device());
    }

    @Test
    void metadata_is_replaced_when_given_and_kept_when_not() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        register(customer, android(token));

        Registration described = register(customer, new DeviceRegistration(Examples.ANDROID, token, METADATA));
        Registration again = register(customer, android(token));

        assertThat(described.outcome()).isEqualTo(Outcome.CHANGED);
        assertThat(described.device().version()).isEqualTo(2);
        assertThat(again).isEqualTo(new Registration(described.device(), Outcome.EXISTING));
        assertThat(again.device().metadata()).isEqualTo(METADATA);
    }

    @Test
    void a_token_keeps_every_character() {
        CustomerId customer = aCustomer();
        DeviceToken token = new DeviceToken(aToken().value() + ":Aa/+=%20 \"'\\ äöü 漢字 😀");

        register(customer, android(token));

        assertThat(devicesOf(customer)).extracting(Device::token).containsExactly(token);
        assertThat(register(customer, android(token)).outcome()).isEqualTo(Outcome.EXISTING);
        assertThat(register(customer, android(new DeviceToken(token.value().toUpperCase(Locale.ROOT))))
                        .outcome())
                .isEqualTo(Outcome.CREATED);
    }

    @Test
    void several_devices_are_answered_in_the_order_given() {
        CustomerId customer = aCustomer();
        Registration known = register(customer, android(aToken()));
        List<DeviceRegistration> devices =
                List.of(ios(aToken()), android(known.device().token()), android(aToken()));

        List<Registration> results = Examples.register(ports().devices(), customer, devices, Set.of(provider));

        assertThat(results)
                .extracting(one -> one.device().token())
                .containsExactlyElementsOf(
                        devices.stream().map(DeviceRegistration::token).toList());
        assertThat(results)
                .extracting(Registration::outcome)
                .containsExactly(Outcome.CREATED, Outcome.EXISTING, Outcome.CREATED);
    }

    @Test
    void devices_are_listed_in_the_order_of_their_registration() {
        CustomerId customer = aCustomer();
        List<Device> registered = Stream.generate(() -> registered(customer, android(aToken())))
                .limit(5)
                .toList();

        assertThat(devicesOf(customer)).containsExactlyElementsOf(registered);
    }

    @Test
    void an_unknown_customer_has_no_devices() {
        assertThat(devicesOf(aCustomer())).isEmpty();
    }

    @Test
    void a_token_that_another_customer_registers_is_transferred() {
        CustomerId former = aCustomer();
        CustomerId next = aCustomer();
        DeviceToken token = aToken();
        Device before = registered(former, android(token));
        Device other = registered(former, android(aToken()));

        Registration taken = register(next, android(token));

        assertThat(taken.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(taken.device().id()).isNotEqualTo(before.id());
        assertThat(taken.device().version()).isEqualTo(1);
        assertThat(devicesOf(next)).containsExactly(taken.device());
        assertThat(devicesOf(former)).containsExactly(other);
    }

    @Test
    void a_token_that_comes_back_brings_back_the_same_device() {
        CustomerId customer = aCustomer();
        CustomerId between = aCustomer();
        DeviceToken token = aToken();
        Device before = registered(customer, android(token));
        register(between, android(token));

        Registration back = register(customer, android(token));

        assertThat(back.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(back.device().id()).isEqualTo(before.id());
        assertThat(back.device().version()).isEqualTo(3);
        assertThat(back.device().registeredAt()).isEqualTo(before.registeredAt());
        assertThat(devicesOf(between)).isEmpty();
    }
}
