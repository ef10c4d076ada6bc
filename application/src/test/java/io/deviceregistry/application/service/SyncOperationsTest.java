package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.ANOTHER_CALLER;
import static io.deviceregistry.application.testing.Examples.CALLER;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.ProviderGate.Pause;
import io.deviceregistry.application.port.out.ProviderGate.PauseReason;
import io.deviceregistry.application.port.out.ProviderGate.Suspension;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLedger.Unparked;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SyncOperationsTest {
    private static final ParkedSelection ALL = new ParkedSelection(null, null, null, null);

    private final SyncScene scene = new SyncScene();
    private int wakeUps;
    private final SyncOperations operations =
            new SyncOperations(List.of(scene.provider), scene.registry, scene.registry, scene.gate, () -> wakeUps++);

    private Device parked() {
        scene.provider.answers(new Outcome.Rejected("no"));
        Device device = scene.register(aCustomer(), android(aToken())).getFirst();
        scene.syncAll();
        return device;
    }

    @Test
    void the_overview_counts_devices_by_state_and_tells_of_a_pause() {
        parked();
        scene.provider.answers((_, device) -> new Outcome.Accepted("remote-" + device));
        scene.register(android(aToken()));
        scene.syncAll();
        scene.register(aCustomer(), android(aToken()));
        scene.clock.advance(Duration.ofSeconds(90));
        scene.gate.pause(scene.provider.id(), Duration.ofSeconds(10), PauseReason.THROTTLED);

        var overview = operations.overview().getFirst();

        assertThat(overview.standing().totals().pending()).isEqualTo(Map.of(SyncLane.FRESH, 1L));
        assertThat(overview.synced()).isEqualTo(1);
        assertThat(overview.standing().totals().parked()).isEqualTo(Map.of(SyncReason.REJECTED, 1L));
        assertThat(overview.standing().totals().oldestPending()).isEqualTo(Duration.ofSeconds(90));
        assertThat(overview.standing().pause())
                .isEqualTo(new Pause(Duration.ofSeconds(10), PauseReason.THROTTLED, null));
    }

    private void backlog(int customers) {
        RegistryWriter writer =
                new RegistryWriter(scene.registry, List.of(scene.provider), () -> {}, Examples.UNTRACED);
        for (int i = 0; i < customers; i++) {
            CustomerId customer = aCustomer();
            List<DeviceRegistration> devices = List.of(android(aToken()), android(aToken()));
            writer.catchUp(
                    new Caller("importer"),
                    Scope.EMPTY.withRegistrations(customer, devices),
                    registry -> registry.register(customer, devices.getFirst(), 100));
        }
    }

    private @Nullable Duration backlogLeft() {
        return operations.overview().getFirst().backlogLeft();
    }

    @Test
    void of_a_backlog_it_is_told_how_long_it_takes_at_the_pace_of_the_best_minute() {
        scene.register(aCustomer(), android(aToken()));
        scene.gate.count(scene.provider.id(), 10, 2);
        assertThat(backlogLeft()).as("there is no backlog").isNull();
        backlog(3);

        assertThat(backlogLeft()).isEqualTo(Duration.ofSeconds(30));

        scene.gate.pause(scene.provider.id(), Duration.ofSeconds(10), PauseReason.THROTTLED);
        assertThat(backlogLeft()).as("nobody can tell").isNull();
    }

    @Test
    void a_backlog_that_has_just_come_takes_as_long_as_the_limit_makes_it() {
        backlog(4);
        assertThat(backlogLeft()).as("nothing tells the pace").isNull();
        scene.provider.allows(2);
        scene.gate.count(scene.provider.id(), 1, 0);

        assertThat(backlogLeft()).isEqualTo(Duration.ofMinutes(2));

        scene.clock.advance(Duration.ofMinutes(2));
        assertThat(backlogLeft()).isEqualTo(Duration.ofMinutes(4));
    }

    @Test
    void parked_devices_are_tried_again_when_that_is_asked_for() {
        Device device = parked();
        scene.provider.answers((_, id) -> new Outcome.Accepted("remote-" + id));

        assertThat(operations.replay(CALLER, ALL, null)).isEqualTo(new Unparked(1, null));
        scene.syncAll();

        assertThat(scene.standing(device).state()).isEqualTo(SyncState.SYNCED);
        assertThat(operations.parked(new ParkedQuery(null, null, null, 10)).items())
                .isEmpty();
        assertThat(wakeUps).isEqualTo(1);
    }

    @Test
    void who_pauses_and_resumes_a_provider_is_told_of_in_the_log_and_with_the_pause() {
        try (LoggedLines log = new LoggedLines(SyncOperations.class)) {
            operations.pause(CALLER, scene.provider.id());

            assertThat(operations.standing().getFirst().pause())
                    .isEqualTo(new Pause(null, PauseReason.SUSPENDED, new Suspension(CALLER, scene.clock.instant())));

            operations.resume(ANOTHER_CALLER, scene.provider.id());

            assertThat(operations.standing().getFirst().pause()).isNull();
            assertThat(log.lines())
                    .containsExactly(
                            CALLER + " has paused " + scene.provider.id(),
                            ANOTHER_CALLER + " has resumed " + scene.provider.id());
        }
    }

    @Test
    void who_has_parked_devices_tried_again_is_told_of_once_for_all_steps() {
        ParkedSelection ofTheProvider = new ParkedSelection(scene.provider.id(), null, null, null);
        Device device = parked();
        try (LoggedLines log = new LoggedLines(SyncOperations.class)) {
            operations.replay(CALLER, ofTheProvider, null);
            operations.replay(CALLER, ofTheProvider, new ParkedQuery.Position(scene.provider.id(), device.id()));
            operations.replay(CALLER, ALL, null);

            assertThat(log.lines())
                    .containsExactly(
                            CALLER + " has parked devices of " + scene.provider.id() + " tried again",
                            CALLER + " has parked devices of every provider tried again");
        }
    }

    @Test
    void only_what_is_selected_is_tried_again() {
        Device one = parked();
        Device other = parked();

        Unparked replayed =
                operations.replay(CALLER, new ParkedSelection(null, one.customer(), null, SyncReason.REJECTED), null);

        assertThat(replayed).isEqualTo(new Unparked(1, null));
        assertThat(operations
                        .parked(new ParkedQuery(scene.provider.id(), null, null, 10))
                        .items())
                .extracting(ParkedSync::device)
                .containsExactly(other.id());
        assertThat(operations.replay(CALLER, new ParkedSelection(null, null, null, SyncReason.CUSTOMER_UNKNOWN), null))
                .isEqualTo(new Unparked(0, null));
        assertThat(wakeUps).isEqualTo(1);
    }
}
