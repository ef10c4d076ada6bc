package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Doubt;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.application.port.out.SyncRepair.CustomerLease;
import io.deviceregistry.application.port.out.SyncRepair.Drift;
import io.deviceregistry.application.port.out.SyncRepair.DriftKind;
import io.deviceregistry.application.port.out.SyncRepair.Known;
import io.deviceregistry.application.port.out.SyncRepair.Sweep;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link SyncRepair} does, together with the ledger that it repairs. */
public abstract class SyncRepairContract extends RegistryContract {
    private static final Duration A_DAY = Duration.ofDays(1);

    /** More rows than all tests make. */
    private static final int ALL = 1_000_000;

    private final CustomerId customer = aCustomer();

    private SyncRepair repair() {
        return ports().repair();
    }

    private Sweep sweep() {
        return repair().sweep(provider, A_DAY, ALL, ALL);
    }

    private Optional<SyncLease> tryBacklog() {
        return ports().ledger().lease(provider, SyncLane.BACKLOG, LONG, 1).stream()
                .findFirst();
    }

    /** One of which no provider but another was to be told. */
    private Device registeredElsewhere() {
        ProviderId another = aProvider();
        return Examples.register(ports().devices(), aCustomer(), List.of(android(aToken())), Set.of(another))
                .getFirst()
                .device();
    }

    private Device removedElsewhere() {
        Device device = registeredElsewhere();
        ports().devices()
                .change(
                        Examples.writing(Set.of(aProvider())),
                        Scope.EMPTY.withCustomer(device.customer()).withDevice(device.id()),
                        registry -> {
                            registry.remove(device.customer(), device.id(), Precondition.NONE);
                            return device;
                        });
        return device;
    }

    @Test
    void a_sweep_finds_active_devices_of_which_a_provider_was_never_told() {
        Device missing = registeredElsewhere();
        Device removed = removedElsewhere();
        Device known = registered(aCustomer(), android(aToken()));
        syncAll();

        Sweep swept = sweep();

        // Those of all other tests are missing too.
        assertThat(swept.added()).isPositive();
        assertThat(swept.more()).isFalse();
        assertThat(stateOf(known)).isEqualTo(SyncState.SYNCED);
        assertThat(ofProvider(missing)).isEqualTo(SyncState.PENDING);
        assertThat(ports().ledger().standing(removed.customer(), removed.id()).orElseThrow())
                .noneMatch(sync -> sync.provider().equals(provider));
        assertThat(tryLease()).isEmpty();
        assertThat(tryBacklog()).isPresent();
    }

    private SyncState ofProvider(Device device) {
        return ports().ledger().standing(device.customer(), device.id()).orElseThrow().stream()
                .filter(sync -> sync.provider().equals(provider))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void what_a_sweep_added_is_due_as_the_device_is_then() {
        Device missing = registeredElsewhere();
        sweep();

        List<SyncTask> tasks = List.of();
        while (tasks.stream().noneMatch(task -> task.device().equals(missing))) {
            SyncLease lease = tryBacklog().orElseThrow();
            confirm(lease);
            tasks = lease.tasks();
        }

        assertThat(tasks).contains(new SyncTask(missing, missing.version(), null, false, false, 0, 0, List.of(), null));
        assertThat(ofProvider(missing)).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_sweep_in_small_steps_goes_on_where_it_stopped_and_begins_anew_after_the_interval() {
        registeredElsewhere();
        registeredElsewhere();
        assertThat(repair().sweep(provider, A_DAY, 1, ALL).more()).isTrue();
        assertThat(repair().sweep(provider, A_DAY, ALL, ALL).more()).isFalse();
        Device later = registeredElsewhere();
        assertThat(repair().sweep(provider, A_DAY, ALL, ALL)).isEqualTo(new Sweep(0, false));

        assertThat(repair().sweep(provider, Duration.ofNanos(1_000), ALL, ALL).added())
                .isPositive();
        assertThat(ofProvider(later)).isEqualTo(SyncState.PENDING);
    }

    @Test
    void a_sweep_rests_while_enough_waits_in_the_backlog() {
        registeredElsewhere();
        registeredElsewhere();
        sweep();
        Device later = registeredElsewhere();

        assertThat(repair().sweep(provider, Duration.ofNanos(1_000), ALL, 1)).isEqualTo(new Sweep(0, false));
        assertThat(ports().ledger().standing(later.customer(), later.id()).orElseThrow())
                .noneMatch(sync -> sync.provider().equals(provider));
    }

    private Device synced() {
        Device device = registered(customer, android(aToken()));
        syncAll();
        return device;
    }

    private CustomerLease compare() {
        return repair().leaseToCompare(provider, customer, LONG).orElseThrow();
    }

    @Test
    void a_comparison_shows_all_devices_and_what_the_provider_is_believed_to_hold() {
        Device active = synced();
        Device removed = remove(synced());
        syncAll();
        Device parked = registered(customer, ios(aToken()));
        settle(lease(), new Settlement.Parked(LONG, Doubt.NONE, SyncReason.REJECTED, "no"));

        CustomerLease lease = compare();

        assertThat(lease.provider()).isEqualTo(provider);
        assertThat(lease.customer()).isEqualTo(customer);
        assertThat(lease.devices())
                .containsExactlyInAnyOrder(
                        new Known(active, 1, SyncState.SYNCED, held(active)),
                        new Known(removed, 2, SyncState.SYNCED, null),
                        new Known(parked, 1, SyncState.PARKED, null));
    }

    @Test
    void who_is_still_to_be_told_of_is_not_compared() {
        Device device = registered(customer, android(aToken()));
        assertThat(repair().leaseToCompare(provider, customer, LONG)).isEmpty();
        SyncLease lease = lease();
        assertThat(repair().leaseToCompare(provider, customer, LONG)).isEmpty();
        settle(lease, new Settlement.Synced(held(device)));

        compare();

        assertThat(repair().leaseToCompare(provider, customer, LONG)).isEmpty();
        assertThat(repair().leaseToCompare(provider, aCustomer(), LONG)).isEmpty();
    }

    @Test
    void nothing_goes_out_while_a_customer_is_compared_and_everything_after_it() {
        synced();
        CustomerLease comparison = compare();
        Device fresh = registered(customer, android(aToken()));
        assertThat(tryLease()).isEmpty();

        repair().endComparison(comparison, List.of(), 0);

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(fresh);
    }

    @Test
    void a_comparison_without_a_finding_leaves_everything_as_it_was() {
        Device device = synced();
        var before = standing(device);

        repair().endComparison(compare(), List.of(), 0);

        assertThat(standing(device)).isEqualTo(before);
        assertThat(compare().devices()).hasSize(1);
        assertThat(repair().drift(provider).values()).containsOnly(0L);
    }

    @Test
    void what_drifted_is_due_in_the_backlog_with_what_the_provider_holds_in_truth() {
        Device missing = synced();
        Device different = synced();
        Holding told = new Holding("another", different.type(), aToken());

        repair().endComparison(
                        compare(),
                        List.of(
                                new Drift(missing.id(), 1, DriftKind.MISSING, null),
                                new Drift(different.id(), 1, DriftKind.DIFFERENT, told)),
                        2);

        assertThat(tryLease()).isEmpty();
        assertThat(tryBacklog().orElseThrow().tasks())
                .containsExactlyInAnyOrder(
                        new SyncTask(missing, 1, null, false, false, 0, 0, List.of(), null),
                        new SyncTask(different, 1, told, false, false, 0, 0, List.of(), null));
        assertThat(repair().drift(provider))
                .isEqualTo(Map.of(DriftKind.MISSING, 1L, DriftKind.DIFFERENT, 1L, DriftKind.EXTRA, 2L));
    }

    @Test
    void what_changed_during_a_comparison_is_told_as_it_was_believed_to_be() {
        Device device = synced();
        CustomerLease comparison = compare();
        Device changed = registered(customer, ios(device.token()));

        repair().endComparison(comparison, List.of(new Drift(device.id(), 1, DriftKind.MISSING, null)), 0);

        assertThat(lease().tasks())
                .containsExactly(new SyncTask(changed, 2, held(device), false, false, 0, 0, List.of(), null));
    }

    @Test
    void who_lost_the_lease_changes_nothing() {
        Device device = synced();
        CustomerLease lost = repair().leaseToCompare(provider, customer, SHORT).orElseThrow();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> repair().leaseToCompare(provider, customer, LONG).isPresent());

        repair().endComparison(lost, List.of(new Drift(device.id(), 1, DriftKind.MISSING, null)), 0);

        assertThat(stateOf(device)).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_comparison_that_never_ended_is_no_attempt() {
        Device device = synced();
        assertThat(repair().leaseToCompare(provider, customer, SHORT)).isPresent();
        Device changed = registered(customer, ios(device.token()));

        assertThat(leaseWhenDue().tasks())
                .containsExactly(new SyncTask(changed, 2, held(device), false, false, 0, 0, List.of(), null));
        assertThat(standing(changed).unconfirmedAttempts()).isZero();
    }

    @Test
    void the_walk_takes_one_customer_after_the_other_at_its_pace_and_only_when_nothing_is_due() {
        Device device = synced();
        assertThat(repair().nextToCompare(provider, LONG)).isPresent();
        assertThat(repair().nextToCompare(provider, LONG)).isEmpty();
        registered(customer, ios(device.token()));
        assertThat(repair().nextToCompare(provider, Duration.ZERO)).isEmpty();
        syncAll();

        registered(aCustomer(), ios(aToken()));
        syncAll();
        Optional<CustomerId> first = repair().nextToCompare(provider, Duration.ZERO);
        Optional<CustomerId> second = repair().nextToCompare(provider, Duration.ZERO);
        assertThat(first).isNotEqualTo(second);
    }
}
