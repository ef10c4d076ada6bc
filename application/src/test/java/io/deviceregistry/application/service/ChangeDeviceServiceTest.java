package io.deviceregistry.application.service;

import static io.deviceregistry.application.service.ServiceScene.MAX_DEVICES;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deviceregistry.application.port.in.ChangeDevice;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.StaleVersionException;
import io.deviceregistry.domain.UnknownDeviceException;
import io.deviceregistry.domain.UnknownTokenException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangeDeviceServiceTest {
    private final ServiceScene scene = new ServiceScene();
    private final ChangeDevice change = new ChangeDeviceService(scene.writer, MAX_DEVICES);

    private static DeviceUpdate tokenBecomes(DeviceToken token) {
        return new DeviceUpdate(null, token, null, ON_ARRIVAL);
    }

    @Test
    void a_device_known_by_its_token_gets_another_one_and_keeps_its_id() {
        Device before = scene.registered(scene.customer, android(aToken()));
        DeviceToken next = aToken();

        Device after = change.rotate(Examples.CALLER, scene.customer, before.token(), tokenBecomes(next));

        assertThat(after.id()).isEqualTo(before.id());
        assertThat(after.token()).isEqualTo(next);
        assertThat(scene.devicesOf(scene.customer)).containsExactly(after);
        assertThat(scene.wakeUps).isEqualTo(2);
    }

    @Test
    void a_token_that_another_customer_holds_is_taken_from_it() {
        CustomerId holder = aCustomer();
        Device held = scene.registered(holder, android(aToken()));
        Device device = scene.registered(scene.customer, android(aToken()));

        change.change(Examples.CALLER, scene.customer, device.id(), Precondition.NONE, tokenBecomes(held.token()));

        assertThat(scene.devicesOf(holder, DeviceStatus.ACTIVE)).isEmpty();
        assertThat(scene.devicesOf(scene.customer, DeviceStatus.ACTIVE))
                .extracting(Device::token)
                .containsExactly(held.token());
    }

    @Test
    void what_no_provider_sees_wakes_nobody() {
        Device device = scene.registered(scene.customer, android(aToken()));

        Device after = change.change(
                Examples.CALLER,
                scene.customer,
                device.id(),
                new Precondition(Set.of(1L)),
                new DeviceUpdate(null, null, new DeviceMetadata("app", null, null, null, null, Map.of()), ON_ARRIVAL));

        assertThat(after.version()).isEqualTo(2);
        assertThat(scene.wakeUps).isEqualTo(1);
    }

    @Test
    void what_is_refused_changes_nothing() {
        Device device = scene.registered(scene.customer, android(aToken()));
        DeviceUpdate update = tokenBecomes(aToken());

        assertThatThrownBy(() -> change.rotate(Examples.CALLER, scene.customer, aToken(), update))
                .isInstanceOf(UnknownTokenException.class);
        assertThatThrownBy(() -> change.change(Examples.CALLER, aCustomer(), device.id(), Precondition.NONE, update))
                .isInstanceOf(UnknownDeviceException.class);
        assertThatThrownBy(() -> change.change(
                        Examples.CALLER, scene.customer, device.id(), new Precondition(Set.of(7L)), update))
                .isInstanceOf(StaleVersionException.class);

        assertThat(scene.devicesOf(scene.customer)).containsExactly(device);
        assertThat(scene.devicesOf(Examples.aCustomer())).isEmpty();
    }
}
