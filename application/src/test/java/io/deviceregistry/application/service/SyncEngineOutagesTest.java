package io.deviceregistry.application.service;

import static io.deviceregistry.application.service.SyncScene.SETTINGS;
import static io.deviceregistry.application.testing.Examples.CALLER;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.ProviderGate.PauseReason;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A provider that is out of order costs time, and nothing else. */
class SyncEngineOutagesTest {
    private final SyncScene scene = new SyncScene();
    private final SyncEngine engine = scene.engine(SETTINGS, Chance.HIGHEST);

    private Round sync() {
        return engine.syncNext(scene.provider.id());
    }

    private void syncAll() {
        for (int rounds = 0; sync() instanceof Round.Worked; rounds++) {
            assertThat(rounds).isLessThan(1_000);
        }
    }

    private List<Device> someDevices(int count) {
        return Stream.generate(
                        () -> scene.register(aCustomer(), android(aToken())).getFirst())
                .limit(count)
                .toList();
    }

    static Stream<Outcome> signsOfAnOutage() {
        return Stream.of(
                new Outcome.NotApplied("connection refused"),
                new Outcome.Unconfirmed("HTTP 503"),
                new Outcome.Unexpected("HTTP 302"));
    }

    @ParameterizedTest
    @MethodSource("signsOfAnOutage")
    void after_some_failures_in_a_row_the_provider_is_only_probed(Outcome sign) {
        List<Device> devices = someDevices(10);
        scene.provider.answers(sign);

        syncAll();

        assertThat(scene.provider.calls()).hasSize(SETTINGS.breakerThreshold());
        assertThat(sync()).isEqualTo(new Round.Closed(SETTINGS.probeInterval()));
        for (int probes = 1; probes <= 5; probes++) {
            scene.clock.advance(SETTINGS.probeInterval());
            syncAll();
            assertThat(scene.provider.calls()).hasSize(SETTINGS.breakerThreshold() + probes);
        }
        assertThat(devices).extracting(device -> scene.standing(device).state()).containsOnly(SyncState.PENDING);
    }

    @ParameterizedTest
    @MethodSource("signsOfAnOutage")
    void an_outage_parks_nothing_however_long_it_lasts_and_everything_goes_out_after_it(Outcome sign) {
        someDevices(1);
        syncAll();
        List<Device> devices = someDevices(2);
        scene.provider.answers(sign);

        for (int i = 0; i < 500; i++) {
            syncAll();
            scene.clock.advance(Duration.ofMinutes(1));
        }
        assertThat(devices).extracting(device -> scene.standing(device).state()).containsOnly(SyncState.PENDING);

        scene.provider.answers((_, device) -> new Outcome.Accepted("remote-" + device));
        syncAll();
        assertThat(devices).extracting(device -> scene.standing(device).state()).containsOnly(SyncState.SYNCED);
    }

    @Test
    void one_success_ends_the_probing() {
        List<Device> devices = someDevices(10);
        scene.provider.answers(new Outcome.NotApplied("connection refused"));
        syncAll();
        scene.provider.answers((_, device) -> new Outcome.Accepted("remote-" + device));
        scene.clock.advance(SETTINGS.probeInterval());

        syncAll();

        assertThat(devices).extracting(device -> scene.standing(device).state()).containsOnly(SyncState.SYNCED);
    }

    @Test
    void a_refusal_shows_that_the_provider_works() {
        someDevices(10);
        scene.provider.answers((_, _) -> scene.provider.calls().size() % 2 == 0
                ? new Outcome.Rejected("no")
                : new Outcome.NotApplied("connection refused"));

        syncAll();

        assertThat(scene.gate.pauseOf(scene.provider.id())).isEmpty();
        assertThat(scene.provider.calls().size()).isGreaterThanOrEqualTo(10);
    }

    @Test
    void a_device_that_alone_gets_an_answer_that_nobody_understands_is_parked_after_some_attempts() {
        Device odd = someDevices(1).getFirst();
        scene.provider.answers((call, device) -> device.equals(odd.id())
                ? new Outcome.Unexpected("HTTP 418")
                : new Outcome.Accepted("remote-" + device));

        for (int i = 0; i < SETTINGS.maxStrikes() + 2; i++) {
            someDevices(1);
            syncAll();
            scene.clock.advance(Duration.ofSeconds(30));
        }

        assertThat(scene.standing(odd).state()).isEqualTo(SyncState.PARKED);
        assertThat(scene.standing(odd).reason()).isEqualTo(SyncReason.REJECTED);
        assertThat(scene.standing(odd).lastError()).isEqualTo("HTTP 418");
        assertThat(scene.standing(odd).unconfirmedAttempts()).isZero();
    }

    @Test
    void a_refused_key_is_tried_once_in_each_interval_until_it_works() {
        List<Device> devices = someDevices(5);
        scene.provider.answers(new Outcome.Unauthorized("bad key"));
        for (int i = 0; i < 30; i++) {
            syncAll();
            scene.clock.advance(SETTINGS.probeInterval());
        }

        assertThat(scene.provider.calls()).hasSize(30);
        assertThat(devices).extracting(device -> scene.standing(device).state()).containsOnly(SyncState.PENDING);
        scene.provider.answers((_, device) -> new Outcome.Accepted("remote-" + device));
        syncAll();
        scene.clock.advance(SETTINGS.probeInterval());
        syncAll();
        assertThat(devices).extracting(device -> scene.standing(device).state()).containsOnly(SyncState.SYNCED);
    }

    @Test
    void a_suspended_provider_is_sent_nothing_until_it_is_resumed() {
        Device device = someDevices(1).getFirst();
        scene.gate.suspend(CALLER, scene.provider.id());

        assertThat(sync()).isInstanceOf(Round.Closed.class);
        assertThat(scene.provider.calls()).isEmpty();

        scene.gate.resume(scene.provider.id());
        syncAll();
        assertThat(scene.standing(device).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void whoever_registers_does_not_wait_for_the_backlog_and_the_backlog_moves_all_the_same() {
        answersSlowly(_ -> new Outcome.Rejected("not yet"));
        List<Device> old = someDevices(20);
        syncAll();
        answersSlowly(device -> new Outcome.Accepted("remote-" + device));
        new SyncOperations(List.of(scene.provider), scene.registry, scene.registry, scene.gate, () -> {})
                .replay(CALLER, new ParkedSelection(null, null, null, null), null);
        scene.clock.advance(Duration.ofSeconds(1));
        List<Device> fresh = someDevices(20);

        for (int i = 0; i < 20; i++) {
            sync();
        }

        assertThat(fresh.stream().filter(this::isSynced)).hasSize(16);
        assertThat(old.stream().filter(this::isSynced)).hasSize(4);
        syncAll();
        assertThat(Stream.concat(old.stream(), fresh.stream())).allMatch(this::isSynced);
    }

    /** So that customers are claimed one by one. */
    private void answersSlowly(Function<DeviceId, Outcome> answer) {
        scene.provider.answers((_, device) -> {
            scene.clock.advance(Duration.ofMillis(300));
            return answer.apply(device);
        });
    }

    private boolean isSynced(Device device) {
        return scene.standing(device).state() == SyncState.SYNCED;
    }

    @Test
    void a_pause_says_why() {
        someDevices(3);
        scene.provider.answers(new Outcome.Throttled(Duration.ofSeconds(7), "slow down"));

        sync();

        assertThat(scene.gate.pauseOf(scene.provider.id()))
                .hasValueSatisfying(pause -> assertThat(pause.reason()).isEqualTo(PauseReason.THROTTLED));
    }
}
