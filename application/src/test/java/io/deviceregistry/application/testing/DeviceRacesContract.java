package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.Registry.DescribedCustomer;
import io.deviceregistry.domain.RegistryException;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.TooManyDevicesException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link DeviceStore} does for those who come at the same time: they take turns, and nobody fails for it. */
public abstract class DeviceRacesContract extends RegistryContract {
    private final CustomerId customer = aCustomer();

    /** The fault that the caller is told of, if there is one. Whatever else is thrown is a fault of the store. */
    private static Optional<RegistryException> fault(Runnable action) {
        try {
            action.run();
            return Optional.empty();
        } catch (RegistryException e) {
            return Optional.of(e);
        }
    }

    private static <T> T anyOf(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    @Test
    void simultaneous_first_registrations_of_one_token_make_one_device() {
        DeviceToken token = aToken();

        List<Registration> results = Crowd.atOnce(200, _ -> register(customer, android(token)));

        assertThat(results)
                .extracting(one -> one.device().id())
                .containsOnly(results.getFirst().device().id());
        assertThat(results).filteredOn(one -> one.outcome() == Outcome.CREATED).hasSize(1);
        assertThat(devicesOf(customer)).hasSize(1);
    }

    @Test
    void simultaneous_descriptions_of_a_new_customer_make_one_customer() {
        List<DescribedCustomer> results = Crowd.atOnce(50, _ -> describe(customer, ProfileUpdate.NONE));

        assertThat(results).filteredOn(DescribedCustomer::created).hasSize(1);
        assertThat(results)
                .extracting(DescribedCustomer::customer)
                .containsOnly(results.getFirst().customer());
    }

    @Test
    void customers_who_fight_over_tokens_never_share_one_and_never_fail() {
        List<CustomerId> customers =
                Stream.generate(Examples::aCustomer).limit(6).toList();
        List<DeviceToken> tokens = Stream.generate(Examples::aToken).limit(6).toList();

        Crowd.atOnce(300, i -> {
            List<DeviceRegistration> wanted =
                    new ArrayList<>(tokens.stream().map(Examples::android).toList());
            Collections.shuffle(wanted);
            return Examples.register(
                    ports().devices(), customers.get(i % customers.size()), wanted.subList(0, 3), Set.of(provider));
        });

        assertThat(customers.stream().flatMap(one -> devicesOf(one).stream()))
                .extracting(Device::token)
                .doesNotHaveDuplicates()
                .isSubsetOf(tokens);
    }

    @Test
    void the_limit_of_active_devices_is_exact_whoever_comes_first() {
        List<Optional<RegistryException>> faults =
                Crowd.atOnce(50, _ -> fault(() -> register(customer, android(aToken()), 10)));

        assertThat(faults).filteredOn(Optional::isEmpty).hasSize(10);
        assertThat(faults)
                .filteredOn(Optional::isPresent)
                .hasSize(40)
                .extracting(Optional::orElseThrow)
                .hasOnlyElementsOfType(TooManyDevicesException.class);
        assertThat(devicesOf(customer)).hasSize(10).allMatch(Device::isActive);
    }

    @Test
    void simultaneous_rotations_by_id_all_happen_one_after_the_other() {
        Device device = registered(customer, android(aToken()));
        List<DeviceToken> tokens = Stream.generate(Examples::aToken).limit(60).toList();

        List<Device> rotated = Crowd.atOnce(tokens.size(), i -> rotate(device, tokens.get(i)));

        assertThat(rotated).extracting(Device::token).containsExactlyElementsOf(tokens);
        assertThat(rotated)
                .extracting(Device::version)
                .containsExactlyInAnyOrderElementsOf(Stream.iterate(2L, version -> version + 1)
                        .limit(tokens.size())
                        .toList());
        assertThat(stored(device)).isIn(rotated).returns(tokens.size() + 1L, Device::version);
    }

    @Test
    void a_removal_by_id_and_rotations_of_its_token_end_with_the_device_removed() {
        for (int round = 0; round < 20; round++) {
            Device device = registered(customer, android(aToken()));

            Crowd.atOnce(
                    4,
                    i -> fault(() -> {
                        if (i == 0) {
                            remove(device);
                        } else {
                            rotate(customer, device.token(), aToken());
                        }
                    }));

            assertThat(stored(device).status()).isEqualTo(DeviceStatus.REMOVED);
            assertThat(stored(device).version()).isBetween(2L, 3L);
        }
        assertThat(devicesOf(customer)).isEmpty();
    }

    @Test
    void whatever_happens_to_a_few_tokens_at_once_nobody_shares_one_and_nothing_fails() {
        List<CustomerId> customers =
                Stream.generate(Examples::aCustomer).limit(4).toList();
        List<DeviceToken> tokens = Stream.generate(Examples::aToken).limit(5).toList();

        Crowd.atOnce(1_200, i -> {
            Random random = new Random(i);
            CustomerId who = anyOf(customers, random);
            return fault(() -> anything(who, anyOf(tokens, random), anyOf(tokens, random), random));
        });

        List<Device> all = customers.stream()
                .flatMap(one -> Search.all().of(one).in(ports().devices()).stream())
                .toList();
        assertThat(all)
                .filteredOn(Device::isActive)
                .extracting(Device::token)
                .doesNotHaveDuplicates()
                .isSubsetOf(tokens);
        assertThat(all.stream()
                        .filter(Device::hasToken)
                        .collect(Collectors.groupingBy(Device::customer))
                        .values())
                .allSatisfy(own -> assertThat(own).extracting(Device::token).doesNotHaveDuplicates());
    }

    private void anything(CustomerId who, DeviceToken token, DeviceToken next, Random random) {
        switch (random.nextInt(8)) {
            case 0, 1 -> register(who, android(token));
            case 2 -> rotate(who, token, next);
            case 3 -> remove(who, token);
            case 4 -> reportInvalid(token);
            case 5 -> aDeviceOf(who).ifPresent(device -> rotate(device, next));
            case 6 -> aDeviceOf(who).ifPresent(this::remove);
            default -> aDeviceOf(who).ifPresent(this::expire);
        }
    }

    private Optional<Device> aDeviceOf(CustomerId who) {
        return devicesOf(who).stream().findAny();
    }

    private void expire(Device device) {
        change(
                Scope.EMPTY.withDevice(device.id()),
                registry -> registry.expire(device.id(), Map.of(device.type(), Duration.ZERO)));
    }
}
