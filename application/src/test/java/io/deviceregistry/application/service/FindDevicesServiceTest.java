package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryGate;
import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.UnknownDeviceException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FindDevicesServiceTest {
    private final SettableClock clock = new SettableClock();
    private final InMemoryRegistry registry = new InMemoryRegistry(clock);
    private final FindDevicesService queries = new FindDevicesService(registry);
    private final SyncOperations sync =
            new SyncOperations(List.of(), registry, registry, new InMemoryGate(clock), () -> {});
    private final ProviderId provider = aProvider();

    private Device register(CustomerId customer, DeviceRegistration registration) {
        clock.advance(Duration.ofSeconds(1));
        return Examples.register(registry, customer, List.of(registration), Set.of(provider))
                .getFirst()
                .device();
    }

    @Test
    void a_customer_has_its_own_devices_oldest_first() {
        CustomerId customer = aCustomer();
        Device oldest = register(customer, android(aToken()));
        register(aCustomer(), android(aToken()));
        Device newest = register(customer, ios(aToken()));

        assertThat(devicesOf(customer)).containsExactly(oldest, newest);
        assertThat(devicesOf(aCustomer())).isEmpty();
    }

    private List<Device> devicesOf(CustomerId customer) {
        return queries.devices(DeviceQuery.ofCustomer(customer, EnumSet.allOf(DeviceStatus.class), null, 10))
                .items();
    }

    @Test
    void how_providers_stand_is_told_even_of_a_device_that_was_taken_away() {
        DeviceToken token = aToken();
        Device former = register(aCustomer(), android(token));
        register(aCustomer(), android(token));

        assertThat(sync.ofDevice(former.customer(), former.id()))
                .extracting(ProviderSync::provider)
                .containsExactly(provider);
    }

    @Test
    void another_customers_device_is_as_unknown_as_one_that_never_was() {
        Device device = register(aCustomer(), android(aToken()));
        DeviceId never = new DeviceId(UUID.randomUUID());

        UnknownDeviceException ofOther = unknown(aCustomer(), device.id());
        UnknownDeviceException ofNobody = unknown(aCustomer(), never);

        assertThat(ofOther).hasMessage("This customer has no device " + device.id() + ".");
        assertThat(ofNobody).hasMessage("This customer has no device " + never + ".");
    }

    private UnknownDeviceException unknown(CustomerId customer, DeviceId device) {
        return catchThrowableOfType(UnknownDeviceException.class, () -> sync.ofDevice(customer, device));
    }
}
