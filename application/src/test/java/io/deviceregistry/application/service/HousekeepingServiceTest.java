package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.ANDROID;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.deviceregistry.application.port.in.KeepHouse;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.testing.InMemoryGate;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Precondition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HousekeepingServiceTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Map<DeviceType, Duration> ANDROID_AFTER_A_DAY = Map.of(ANDROID, DAY);

    private final ServiceScene scene = new ServiceScene();
    private final KeepHouse house = new HousekeepingService(
            scene.registry, scene.writer, new HousekeepingSettings(ANDROID_AFTER_A_DAY, HOUR, DAY, DAY));

    @Test
    void a_device_unseen_for_longer_than_its_type_allows_becomes_invalid_and_providers_are_told() {
        Device android = scene.registered(scene.customer, android(aToken()));
        Device ios = scene.registered(scene.customer, ios(aToken()));
        int before = scene.wakeUps;
        scene.clock.advance(DAY.plusSeconds(1));

        house.step();

        assertThat(scene.devicesOf(scene.customer, DeviceStatus.INVALID))
                .extracting(Device::id, Device::invalidReason)
                .containsExactly(tuple(android.id(), InvalidReason.STALE));
        assertThat(scene.devicesOf(scene.customer, DeviceStatus.ACTIVE)).containsExactly(ios);
        assertThat(scene.wakeUps).isEqualTo(before + 1);
    }

    @Test
    void a_device_seen_in_time_stays() {
        Device device = scene.registered(scene.customer, android(aToken()));
        scene.clock.advance(DAY.minusSeconds(1));

        house.step();

        assertThat(scene.devicesOf(scene.customer)).containsExactly(device);
    }

    @Test
    void a_device_removed_long_ago_is_deleted_once_every_provider_was_told() {
        Device device = scene.registered(scene.customer, android(aToken()));
        new RemoveDeviceService(scene.writer).remove(scene.customer, device.id(), Precondition.NONE);
        scene.clock.advance(DAY.plusSeconds(1));

        house.step();
        assertThat(scene.devicesOf(scene.customer, DeviceStatus.REMOVED)).hasSize(1);

        new SyncEngine(
                        List.of(scene.provider),
                        scene.registry,
                        new InMemoryGate(scene.clock),
                        SyncScene.SETTINGS,
                        Chance.LOWEST)
                .syncNext(scene.provider.id());
        house.step();
        assertThat(scene.devicesOf(scene.customer)).isEmpty();
    }

    @Test
    void an_answer_remembered_for_long_is_forgotten() {
        RequestKey key = new RequestKey("caller", "operation", "key");
        new AnswerOnceService(scene.registry, Duration.ofDays(2), scene::wake).once(key, new byte[0], () -> "answer");
        scene.clock.advance(DAY.plusSeconds(1));

        house.step();

        assertThat(scene.registry.forgetAnswers(Duration.ZERO, 10)).isZero();
    }

    @Test
    void many_are_taken_in_small_steps() {
        for (int i = 0; i < 101; i++) {
            int request = i;
            scene.registry.exclusively(new RequestKey("caller", "operation", "key " + i), slot -> {
                slot.keep(new byte[] {(byte) request}, "answer");
                return request;
            });
        }
        scene.clock.advance(DAY.plusSeconds(1));

        assertThat(house.step()).isTrue();
        assertThat(house.step()).isFalse();
    }

    @Test
    void a_duration_that_makes_no_sense_is_refused_by_the_name_of_its_setting() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HousekeepingSettings(Map.of(ANDROID, Duration.ZERO), HOUR, DAY, DAY))
                .withMessageContaining("registry.stale-after.android");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HousekeepingSettings(Map.of(), HOUR, Duration.ofDays(-1), DAY))
                .withMessageContaining("registry.removed-retention");
    }
}
