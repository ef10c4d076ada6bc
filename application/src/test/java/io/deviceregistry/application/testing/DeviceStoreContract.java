package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
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
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registration.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link DeviceStore} does. */
public abstract class DeviceStoreContract {
    private static final DeviceMetadata METADATA =
            new DeviceMetadata("app", "1.2", "16", "de-DE", "Europe/Berlin", Map.of("plan", "gold", "a", "b"));

    private final ProviderId one = aProvider();
    private final ProviderId other = aProvider();
    private final Set<ProviderId> providers = Set.of(one, other);

    protected abstract DeviceStore store();

    private Registration register(CustomerId customer, DeviceRegistration device) {
        return Examples.register(store(), customer, List.of(device), providers).getFirst();
    }

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
        assertThat(Examples.devicesOf(store(), customer)).containsExactly(device);
    }

    @Test
    void the_same_token_again_finds_the_same_device_and_writes_nothing() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Registration first = register(customer, android(token));

        Registration second = register(customer, android(token));

        assertThat(second).isEqualTo(new Registration(first.device(), Outcome.EXISTING));
        assertThat(Examples.devicesOf(store(), customer)).containsExactly(first.device());
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
        assertThat(Examples.devicesOf(store(), customer)).containsExactly(second.device());
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

        assertThat(Examples.devicesOf(store(), customer))
                .extracting(Device::token)
                .containsExactly(token);
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

        List<Registration> results = Examples.register(store(), customer, devices, providers);

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
        List<Device> registered = Stream.generate(
                        () -> register(customer, android(aToken())).device())
                .limit(5)
                .toList();

        assertThat(Examples.devicesOf(store(), customer)).containsExactlyElementsOf(registered);
    }

    @Test
    void an_unknown_customer_has_no_devices() {
        assertThat(Examples.devicesOf(store(), aCustomer())).isEmpty();
    }

    @Test
    void a_token_that_another_customer_registers_is_transferred() {
        CustomerId former = aCustomer();
        CustomerId next = aCustomer();
        DeviceToken token = aToken();
        Device before = register(former, android(token)).device();
        Device other = register(former, android(aToken())).device();

        Registration taken = register(next, android(token));

        assertThat(taken.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(taken.device().id()).isNotEqualTo(before.id());
        assertThat(taken.device().version()).isEqualTo(1);
        assertThat(Examples.devicesOf(store(), next)).containsExactly(taken.device());
        assertThat(Examples.devicesOf(store(), former)).containsExactly(other);
    }

    @Test
    void a_token_that_comes_back_brings_back_the_same_device() {
        CustomerId customer = aCustomer();
        CustomerId between = aCustomer();
        DeviceToken token = aToken();
        Device before = register(customer, android(token)).device();
        register(between, android(token));

        Registration back = register(customer, android(token));

        assertThat(back.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(back.device().id()).isEqualTo(before.id());
        assertThat(back.device().version()).isEqualTo(3);
        assertThat(back.device().registeredAt()).isEqualTo(before.registeredAt());
        assertThat(Examples.devicesOf(store(), between)).isEmpty();
    }

    @Test
    void simultaneous_first_registrations_of_one_token_make_one_device() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();

        List<Registration> results = atOnce(200, _ -> register(customer, android(token)));

        assertThat(results)
                .extracting(one -> one.device().id())
                .containsOnly(results.getFirst().device().id());
        assertThat(results).filteredOn(one -> one.outcome() == Outcome.CREATED).hasSize(1);
        assertThat(Examples.devicesOf(store(), customer)).hasSize(1);
    }

    @Test
    void customers_who_fight_over_tokens_never_share_one_and_never_fail() {
        List<CustomerId> customers =
                Stream.generate(Examples::aCustomer).limit(6).toList();
        List<DeviceToken> tokens = Stream.generate(Examples::aToken).limit(6).toList();

        atOnce(300, i -> {
            List<DeviceRegistration> wanted =
                    new ArrayList<>(tokens.stream().map(Examples::android).toList());
            Collections.shuffle(wanted);
            return Examples.register(store(), customers.get(i % customers.size()), wanted.subList(0, 3), providers);
        });

        assertThat(customers.stream().flatMap(customer -> Examples.devicesOf(store(), customer).stream()))
                .extracting(Device::token)
                .doesNotHaveDuplicates()
                .isSubsetOf(tokens);
    }

    private static <T> List<T> atOnce(int times, IntFunction<T> action) {
        try (ExecutorService threads = Executors.newFixedThreadPool(24)) {
            List<Future<T>> all = IntStream.range(0, times)
                    .mapToObj(i -> threads.submit(() -> action.apply(i)))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> one : all) {
                results.add(one.get());
            }
            return results;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
