package io.deviceregistry.application.service;

import static io.deviceregistry.application.service.ServiceScene.MAX_DEVICES;
import static io.deviceregistry.application.testing.Examples.ANDROID;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.deviceregistry.application.port.in.ManageCustomers;
import io.deviceregistry.application.port.in.ManageCustomers.Description;
import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.Registry.DescribedCustomer;
import io.deviceregistry.domain.TooManyDevicesException;
import io.deviceregistry.domain.UnknownCustomerException;
import io.deviceregistry.domain.UnknownErasureException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ManageCustomersServiceTest {
    private final ServiceScene scene = new ServiceScene();
    private final ManageCustomers customers =
            new ManageCustomersService(scene.writer, scene.registry, MAX_DEVICES, scene::wake);

    private static ProfileUpdate named(String firstName) {
        return new ProfileUpdate(Part.KEPT, Part.set(firstName), Part.KEPT, Part.KEPT);
    }

    @Test
    void customers_are_described_with_their_devices_in_one_go() {
        CustomerId other = aCustomer();

        List<DescribedCustomer> described = customers.describe(
                Examples.CALLER,
                List.of(
                        new Description(scene.customer, named("Ann"), List.of(android(aToken()))),
                        new Description(other, named("Bob"), List.of())));

        assertThat(described).allMatch(DescribedCustomer::created);
        assertThat(customers.customer(other).profile().firstName()).isEqualTo("Bob");
        assertThat(scene.devicesOf(scene.customer)).hasSize(1);
        assertThat(customers.customers(new CustomerQuery(null, null, null, 10)).items())
                .hasSize(2);
    }

    @Test
    void of_a_token_given_several_times_the_last_metadata_and_the_newest_time_win() {
        Instant now = scene.clock.instant();
        DeviceToken token = aToken();

        customers.describe(
                Examples.CALLER,
                List.of(
                        new Description(
                                scene.customer,
                                named("Ann"),
                                List.of(device(token, "first", now), device(token, "second", now))),
                        new Description(
                                scene.customer,
                                named("Ann"),
                                List.of(device(token, "last", now.minus(Duration.ofDays(1)))))));

        assertThat(scene.devicesOf(scene.customer))
                .extracting(one -> one.metadata().appId(), Device::lastSeenAt, Device::version)
                .containsExactly(tuple("last", now, 1L));
    }

    private static DeviceRegistration device(DeviceToken token, String appId, Instant observedAt) {
        return new DeviceRegistration(
                ANDROID,
                token,
                new DeviceMetadata(appId, null, null, null, null, Map.of()),
                new Observation(observedAt));
    }

    @Test
    void one_customer_with_too_many_devices_spoils_the_whole_request() {
        List<DeviceRegistration> tooMany =
                Stream.generate(() -> android(aToken())).limit(MAX_DEVICES + 1).toList();

        assertThatThrownBy(() -> customers.describe(
                        Examples.CALLER,
                        List.of(
                                new Description(scene.customer, named("Ann"), List.of()),
                                new Description(aCustomer(), named("Bob"), tooMany))))
                .isInstanceOf(TooManyDevicesException.class);

        assertThatThrownBy(() -> customers.customer(scene.customer)).isInstanceOf(UnknownCustomerException.class);
    }

    @Test
    void a_customer_of_whom_no_provider_knows_is_gone_at_once() {
        scene.registered(scene.customer, android(aToken()));
        int before = scene.wakeUps;

        Erasure erasure = customers.erase(Examples.CALLER, scene.customer);

        assertThat(erasure.completedAt()).isNotNull();
        assertThat(erasure.devices()).isEqualTo(1);
        assertThat(customers.erasure(erasure.id())).isEqualTo(erasure);
        assertThat(scene.devicesOf(scene.customer)).isEmpty();
        assertThat(scene.wakeUps).isEqualTo(before + 1);
    }

    @Test
    void what_is_not_there_is_said_by_name() {
        ErasureId never = new ErasureId(UUID.randomUUID());

        assertThatThrownBy(() -> customers.erase(Examples.CALLER, scene.customer))
                .isInstanceOf(UnknownCustomerException.class)
                .hasMessageContaining(scene.customer.value());
        assertThatThrownBy(() -> customers.erasure(never))
                .isInstanceOf(UnknownErasureException.class)
                .hasMessageContaining(never.toString());
    }
}
