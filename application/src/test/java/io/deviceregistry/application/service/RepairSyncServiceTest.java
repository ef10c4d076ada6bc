package io.deviceregistry.application.service;

import static io.deviceregistry.application.service.SyncScene.SETTINGS;
import static io.deviceregistry.application.testing.Examples.CALLER;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deviceregistry.application.port.in.RepairSync.Comparison;
import io.deviceregistry.application.port.in.RepairSync.Finding;
import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.ListsDevices.Listing;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderGate.Breaker;
import io.deviceregistry.application.port.out.SyncRepair.DriftKind;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RepairSyncServiceTest {
    private static final Duration PACE = Duration.ofSeconds(3);

    private final SyncScene scene = new SyncScene();
    private final RemoteStore provider = new RemoteStore();
    private final CustomerId customer = aCustomer();
    private final AtomicInteger woken = new AtomicInteger();
    private final SyncEngine engine =
            new SyncEngine(List.of(provider), scene.registry, scene.gate, SETTINGS, Chance.LOWEST, Examples.UNTRACED);
    private final RepairSyncService repair = repairing(PACE);

    private RepairSyncService repairing(Duration pace) {
        return new RepairSyncService(
                List.of(provider),
                scene.registry,
                scene.gate,
                new Breaker(SETTINGS.breakerThreshold(), SETTINGS.probeInterval()),
                Duration.ofMinutes(10),
                pace,
                woken::incrementAndGet);
    }

    private Device register(CustomerId owner, DeviceRegistration registration) {
        return Examples.register(scene.registry, owner, List.of(registration), Set.of(provider.id()))
                .getFirst()
                .device();
    }

    private Device synced() {
        Device device = register(customer, android(aToken()));
        syncAll();
        return device;
    }

    private void syncAll() {
        while (engine.syncNext(provider.id()) instanceof Round.Worked) {
            assertThat(provider.requests()).hasSizeLessThan(100);
        }
    }

    @Test
    void who_asks_for_a_comparison_is_told_of_in_the_log_and_the_walk_is_not() {
        try (LoggedLines log = new LoggedLines(RepairSyncService.class)) {
            repair.compareNext();
            repair.compare(CALLER, customer);

            assertThat(log.lines()).containsExactly(CALLER + " has a customer compared with every provider");
        }
    }

    private Finding compare() {
        List<Comparison> comparisons = repair.compare(CALLER, customer);
        assertThat(comparisons).extracting(Comparison::provider).containsExactly(provider.id());
        return comparisons.getFirst().finding();
    }

    private SyncState stateOf(Device device) {
        return scene.registry
                .standing(device.customer(), device.id())
                .orElseThrow()
                .getFirst()
                .state();
    }

    @Test
    void a_device_of_which_the_provider_was_never_to_be_told_is_found_and_goes_out() {
        Device device = Examples.register(scene.registry, customer, List.of(android(aToken())), Set.of(aProvider()))
                .getFirst()
                .device();

        repair.sweep();
        syncAll();

        assertThat(woken).hasValue(1);
        assertThat(provider.tokensOf(customer)).containsExactly(device.token());
    }

    @Test
    void where_nothing_is_missing_nobody_is_woken() {
        synced();

        repair.sweep();

        assertThat(woken).hasValue(0);
    }

    @Test
    void a_provider_that_holds_what_it_should_needs_nothing() {
        synced();
        Device removed = synced();
        register(aCustomer(), android(removed.token()));
        syncAll();

        assertThat(compare()).isEqualTo(new Finding.Compared(0, 0, 0));

        assertThat(engine.syncNext(provider.id())).isEqualTo(new Round.Idle());
    }

    @Test
    void what_the_provider_lost_is_sent_again() {
        Device device = synced();
        provider.lose(device.token());

        assertThat(compare()).isEqualTo(new Finding.Compared(1, 0, 0));
        syncAll();

        assertThat(provider.tokensOf(customer)).containsExactly(device.token());
        assertThat(woken).hasValue(1);
        assertThat(scene.registry.drift(provider.id())).containsEntry(DriftKind.MISSING, 1L);
    }

    @Test
    void what_the_provider_holds_with_another_type_is_mended() {
        Device device = synced();
        provider.lose(device.token());
        provider.holds(customer, Examples.IOS, device.token());

        assertThat(compare()).isEqualTo(new Finding.Compared(0, 1, 0));
        syncAll();

        assertThat(compare()).isEqualTo(new Finding.Compared(0, 0, 0));
    }

    @Test
    void what_the_provider_still_holds_under_the_former_token_is_mended() {
        Device device = synced();
        DeviceToken next = rotated(device);
        syncAll();
        provider.lose(next);

        assertThat(compare()).isEqualTo(new Finding.Compared(1, 0, 0));
        syncAll();

        assertThat(provider.tokensOf(customer)).containsExactly(next);
    }

    private DeviceToken rotated(Device device) {
        DeviceToken next = aToken();
        scene.registry.change(
                Examples.writing(Set.of(provider.id())),
                Scope.EMPTY.withTokens(customer, List.of(device.token(), next)),
                registry -> registry.rotate(customer, device.token(), Examples.rotationTo(next), Examples.MANY));
        return next;
    }

    @Test
    void a_token_that_the_provider_still_knows_a_device_by_is_masked_too() {
        Device device = synced();
        rotated(device);
        provider.refusal = new Outcome.Rejected("no");
        syncAll();
        assertThat(stateOf(device)).isEqualTo(SyncState.PARKED);
        provider.listingFailure = new Listing.Failed(
                new Outcome.Unconfirmed("no " + device.token().value()));

        assertThat(compare()).isEqualTo(new Finding.NotAnswered("no ***"));
    }

    @Test
    void a_removed_device_that_the_provider_holds_after_all_is_retired() {
        Device device = synced();
        register(aCustomer(), android(device.token()));
        syncAll();
        provider.holds(customer, device.type(), device.token());

        assertThat(compare()).isEqualTo(new Finding.Compared(0, 0, 1));
        syncAll();

        assertThat(provider.tokensOf(customer)).isEmpty();
    }

    @Test
    void a_device_that_the_registry_does_not_know_is_told_of_and_left_alone() {
        Device device = synced();
        DeviceToken stranger = aToken();
        provider.holds(customer, device.type(), stranger);

        assertThat(compare()).isEqualTo(new Finding.Compared(0, 0, 1));
        syncAll();

        assertThat(provider.tokensOf(customer)).containsExactly(device.token(), stranger);
        assertThat(scene.registry.drift(provider.id()))
                .isEqualTo(Map.of(DriftKind.MISSING, 0L, DriftKind.DIFFERENT, 0L, DriftKind.EXTRA, 1L));
    }

    @Test
    void who_is_to_be_told_of_anyway_is_not_compared() {
        register(customer, android(aToken()));

        assertThat(compare()).isEqualTo(new Finding.UnderWay());
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void a_provider_that_does_not_answer_changes_nothing_and_its_words_are_masked() {
        Device device = synced();
        provider.listingFailure = new Listing.Failed(
                new Outcome.Unconfirmed("no " + device.token().value()));

        assertThat(compare()).isEqualTo(new Finding.NotAnswered("no ***"));
        provider.listingFailure = null;
        provider.listingOffered = false;
        assertThat(compare()).isEqualTo(new Finding.NotOffered());

        assertThat(stateOf(device)).isEqualTo(SyncState.SYNCED);
        provider.listingOffered = true;
        assertThat(compare()).isEqualTo(new Finding.Compared(0, 0, 0));
    }

    @Test
    void the_gate_hears_of_what_became_of_a_comparison() {
        synced();
        provider.listingFailure = new Listing.Failed(new Outcome.Throttled(Duration.ofMinutes(1), "slow down"));

        compare();

        assertThat(scene.gate.pauseOf(provider.id()))
                .hasValueSatisfying(pause -> assertThat(pause.remaining()).isEqualTo(Duration.ofMinutes(1)));
    }

    @Test
    void a_closed_gate_is_respected() {
        synced();
        int before = provider.requests().size();
        scene.gate.suspend(CALLER, provider.id());

        assertThat(compare()).isEqualTo(new Finding.NotAnswered("The provider takes no requests now"));
        scene.clock.advance(PACE);
        repair.compareNext();

        assertThat(provider.requests()).hasSize(before);
    }

    @Test
    void the_walk_compares_one_customer_at_its_pace_while_there_is_nothing_else_to_do() {
        Device device = synced();
        provider.lose(device.token());

        scene.clock.advance(PACE);
        repair.compareNext();
        repair.compareNext();

        assertThat(provider.requests()).containsExactly("Create", "LIST");
        scene.clock.advance(PACE);
        repair.compareNext();
        assertThat(provider.requests()).containsExactly("Create", "LIST");
        syncAll();
        assertThat(provider.tokensOf(customer)).containsExactly(device.token());
    }

    @Test
    void without_a_pace_there_is_no_walk() {
        synced();
        scene.clock.advance(PACE);

        repairing(Duration.ZERO).compareNext();

        assertThat(provider.requests()).containsExactly("Create");
    }

    @Test
    void a_pace_that_makes_no_sense_is_refused_by_its_key() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> repairing(Duration.ofSeconds(-1)))
                .withMessageContaining("registry.sync.comparison-pace");
    }

    @Test
    void a_type_that_the_provider_does_not_know_is_no_drift() {
        register(customer, new DeviceRegistration(Examples.aType(), aToken(), null));
        register(customer, ios(aToken()));
        syncAll();

        assertThat(compare()).isEqualTo(new Finding.Compared(0, 0, 0));
    }
}
