package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.ANDROID;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.deviceregistry.application.port.in.KeepHouse;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.EncryptionKey;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryGate;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HousekeepingServiceTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private static final HousekeepingSettings SETTINGS =
            new HousekeepingSettings(Map.of(ANDROID, DAY), HOUR, DAY, DAY, DAY, 1_000);

    private final ServiceScene scene = new ServiceScene();
    private final KeepHouse house = new HousekeepingService(scene.registry, scene.imports, scene.writer, SETTINGS);

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
        new RemoveDeviceService(scene.writer).remove(Examples.CALLER, scene.customer, device.id(), Precondition.NONE);
        scene.clock.advance(DAY.plusSeconds(1));

        house.step();
        assertThat(scene.devicesOf(scene.customer, DeviceStatus.REMOVED)).hasSize(1);

        new SyncEngine(
                        List.of(scene.provider),
                        scene.registry,
                        new InMemoryGate(scene.clock),
                        SyncScene.SETTINGS,
                        Chance.LOWEST,
                        Examples.UNTRACED)
                .syncNext(scene.provider.id());
        house.step();
        assertThat(scene.devicesOf(scene.customer)).isEmpty();
    }

    @Test
    void an_answer_remembered_for_long_is_forgotten() {
        RequestKey key = new RequestKey("caller", "operation", "key");
        new AnswerOnceService(scene.registry, Duration.ofDays(2), scene::wake)
                .once(new IdempotentRequest(key, new byte[0]), () -> "answer");
        scene.clock.advance(DAY.plusSeconds(1));

        house.step();

        assertThat(scene.registry.forgetAnswers(Duration.ZERO, 10)).isZero();
    }

    @Test
    void an_import_that_broke_off_is_ended_and_forgotten_when_it_was_long_ago() {
        ImportId broken = scene.imports.begin(Caller.REGISTRY, false);
        scene.clock.advance(Duration.ofMinutes(6));

        house.step();
        assertThat(scene.imports.job(broken)).get().extracting(ImportJob::state).isEqualTo(ImportJob.State.INCOMPLETE);

        scene.clock.advance(DAY.plusSeconds(1));
        house.step();
        assertThat(scene.imports.job(broken)).isEmpty();
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
    void a_device_that_cannot_be_changed_is_in_no_others_way() {
        Device before = scene.registered(scene.customer, android(aToken()));
        Device bad = scene.registered(scene.customer, android(aToken()));
        Device after = scene.registered(scene.customer, android(aToken()));
        scene.clock.advance(DAY.plusSeconds(1));
        for (RuntimeException failure : List.of(
                new StoreUnavailableException(new TimeoutException()), new IllegalStateException("unreadable"))) {
            RegistryWriter writer = new RegistryWriter(
                    new FailingStore(scene.registry, bad.id(), failure),
                    List.of(scene.provider),
                    scene::wake,
                    Examples.UNTRACED);

            new HousekeepingService(scene.registry, scene.imports, writer, SETTINGS).step();

            assertThat(scene.devicesOf(scene.customer, DeviceStatus.INVALID))
                    .extracting(Device::id)
                    .containsExactly(before.id(), after.id());
            scene.clock.advance(HOUR.plusSeconds(1));
        }

        house.step();

        assertThat(scene.devicesOf(scene.customer, DeviceStatus.INVALID)).hasSize(3);
    }

    /** Fails for one device. */
    private record FailingStore(DeviceStore store, DeviceId bad, RuntimeException failure) implements DeviceStore {
        @Override
        public <T extends @Nullable Object> T change(Writing writing, Scope scope, Function<Registry, T> change) {
            if (scope.devices().contains(bad)) {
                throw failure;
            }
            return store.change(writing, scope, change);
        }

        @Override
        public Answer changeOnce(
                Writing writing,
                Scope scope,
                IdempotentRequest request,
                Duration maxAge,
                Function<Registry, String> change) {
            return store.changeOnce(writing, scope, request, maxAge, change);
        }

        @Override
        public Optional<Device> device(CustomerId customer, DeviceId device) {
            return store.device(customer, device);
        }

        @Override
        public Page<Device, DeviceId> devices(DeviceQuery query) {
            return store.devices(query);
        }

        @Override
        public long estimate(Set<DeviceStatus> statuses) {
            return store.estimate(statuses);
        }
    }

    @Test
    void a_chore_that_fails_is_in_no_others_way() {
        List<String> done = new ArrayList<>();
        Upkeep failing = new Upkeep() {
            private StoreUnavailableException failure(String chore) {
                done.add(chore);
                return new StoreUnavailableException(new TimeoutException(chore));
            }

            @Override
            public StaleDevices nextStaleDevices(Map<DeviceType, Duration> ages, Duration interval, int window) {
                throw failure("stale");
            }

            @Override
            public int purgeRemovedDevices(Duration retention, int limit) {
                throw failure("purge");
            }

            @Override
            public int finishErasures(int limit) {
                throw failure("erasures");
            }

            @Override
            public int forgetAnswers(Duration age, int limit) {
                done.add("answers");
                return limit;
            }

            @Override
            public int maintain(int window) {
                throw failure("maintenance");
            }

            @Override
            public List<EncryptionKey> encryptionKeys() {
                return List.of();
            }
        };
        KeepHouse house = new HousekeepingService(failing, scene.imports, scene.writer, SETTINGS);

        boolean more = house.step();
        house.maintain();

        assertThat(done).containsExactly("stale", "purge", "erasures", "answers", "maintenance");
        assertThat(more).isTrue();
    }

    @Test
    void a_setting_that_makes_no_sense_is_refused_by_the_name_of_its_setting() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HousekeepingSettings(Map.of(ANDROID, Duration.ZERO), HOUR, DAY, DAY, DAY, 1_000))
                .withMessageContaining("registry.stale-after of android");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HousekeepingSettings(Map.of(), HOUR, Duration.ofDays(-1), DAY, DAY, 1_000))
                .withMessageContaining("registry.removed-retention");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HousekeepingSettings(Map.of(), HOUR, DAY, DAY, DAY, 0))
                .withMessageContaining("registry.maintenance-batch-size");
    }
}
