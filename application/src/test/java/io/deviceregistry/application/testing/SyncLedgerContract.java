package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Doubt;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link SyncLedger} does, together with the {@link DeviceStore} that fills it. */
public abstract class SyncLedgerContract extends RegistryContract {
    @Test
    void a_registered_device_is_due_with_nothing_held() {
        Device device = registered(aCustomer(), android(aToken()));

        SyncLease lease = lease();

        assertThat(lease.provider()).isEqualTo(provider);
        assertThat(lease.customer()).isEqualTo(device.customer());
        assertThat(lease.tasks()).containsExactly(new SyncTask(device, 1, null, false, false, 0, 0, List.of(), null));
        assertThat(standing(device))
                .satisfies(sync -> assertThat(sync.state()).isEqualTo(SyncState.PENDING))
                .satisfies(sync -> assertThat(sync.attempts()).isEqualTo(1));
    }

    @Test
    void nothing_is_due_where_nothing_was_registered() {
        assertThat(tryLease()).isEmpty();
    }

    @Test
    void all_due_devices_of_a_customer_are_leased_together_and_no_other_customers() {
        CustomerId customer = aCustomer();
        Device one = registered(customer, android(aToken()));
        Device other = registered(aCustomer(), android(aToken()));
        Device two = registered(customer, ios(aToken()));

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactlyInAnyOrder(one, two);
        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(other);
        assertThat(tryLease()).isEmpty();
    }

    @Test
    void several_customers_are_leased_at_once_those_who_waited_longest_and_each_by_a_lease_of_its_own() {
        Device one = registered(aCustomer(), android(aToken()));
        Device two = registered(aCustomer(), android(aToken()));
        Device sibling = registered(two.customer(), ios(aToken()));
        Device three = registered(aCustomer(), android(aToken()));

        List<SyncLease> leases = ports().ledger().lease(provider, SyncLane.FRESH, LONG, 2);

        assertThat(leases).extracting(SyncLease::customer).containsExactlyInAnyOrder(one.customer(), two.customer());
        assertThat(leases).extracting(SyncLease::id).doesNotHaveDuplicates();
        assertThat(leases)
                .allSatisfy(lease -> assertThat(lease.tasks())
                        .extracting(task -> task.device().customer())
                        .containsOnly(lease.customer()));
        assertThat(leases.stream().flatMap(lease -> lease.tasks().stream()).map(SyncTask::device))
                .containsExactlyInAnyOrder(one, two, sibling);
        leases.forEach(lease -> settle(lease, new Settlement.Synced(null)));
        assertThat(ports().ledger().lease(provider, SyncLane.FRESH, LONG, 16))
                .flatExtracting(SyncLease::tasks)
                .extracting(SyncTask::device)
                .containsExactly(three);
    }

    @Test
    void who_must_follow_another_customer_is_not_leased_together_with_that_one() {
        DeviceToken token = aToken();
        Device former = registered(aCustomer(), android(token));
        settle(lease(), new Settlement.Synced(null));
        Device holder = registered(aCustomer(), android(token));

        List<SyncLease> leases = ports().ledger().lease(provider, SyncLane.FRESH, LONG, 16);

        assertThat(leases).extracting(SyncLease::customer).containsExactly(former.customer());
        settle(leases.getFirst(), new Settlement.Synced(null));
        assertThat(lease().customer()).isEqualTo(holder.customer());
    }

    @Test
    void a_leased_customer_is_passed_over_even_for_new_devices_until_settled() {
        CustomerId customer = aCustomer();
        registered(customer, android(aToken()));
        SyncLease lease = lease();
        Device later = registered(customer, android(aToken()));

        assertThat(tryLease()).isEmpty();
        settle(lease, new Settlement.Synced(null));

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(later);
    }

    @Test
    void claims_at_once_never_overlap_on_a_customer() throws Exception {
        List<CustomerId> customers =
                Stream.generate(Examples::aCustomer).limit(20).toList();
        for (CustomerId customer : customers) {
            Examples.register(
                    ports().devices(),
                    customer,
                    List.of(android(aToken()), ios(aToken()), ios(aToken())),
                    Set.of(provider));
        }
        Set<CustomerId> busy = ConcurrentHashMap.newKeySet();
        AtomicInteger synced = new AtomicInteger();

        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> workers = IntStream.range(0, 8)
                    .<Future<?>>mapToObj(_ -> threads.submit(() -> {
                        while (synced.get() < customers.size() * 3) {
                            List<SyncLease> leases = ports().ledger().lease(provider, SyncLane.FRESH, LONG, 3);
                            for (SyncLease lease : leases) {
                                assertThat(busy.add(lease.customer())).isTrue();
                                assertThat(lease.tasks()).isNotEmpty();
                            }
                            for (SyncLease lease : leases) {
                                busy.remove(lease.customer());
                                settle(lease, new Settlement.Synced(null));
                                synced.addAndGet(lease.tasks().size());
                            }
                        }
                    }))
                    .toList();
            for (Future<?> worker : workers) {
                worker.get(60, TimeUnit.SECONDS);
            }
        }

        assertThat(synced).hasValue(customers.size() * 3);
    }

    @Test
    void a_lease_that_ran_out_counts_as_an_unconfirmed_attempt() {
        Device device = registered(aCustomer(), android(aToken()));
        SyncLease lost = ports().ledger().lease(provider, SyncLane.FRESH, SHORT, 1).stream()
                .findFirst()
                .orElseThrow();

        SyncLease next = leaseWhenDue();

        assertThat(next.id()).isNotEqualTo(lost.id());
        assertThat(next.tasks()).containsExactly(new SyncTask(device, 1, null, true, false, 0, 1, List.of(), null));
        assertThat(standing(device).attempts()).isEqualTo(2);
        assertThat(standing(device).unconfirmedAttempts()).isEqualTo(1);
    }

    @Test
    void who_lost_the_lease_settles_nothing() {
        Device device = registered(aCustomer(), android(aToken()));
        SyncLease lost = ports().ledger().lease(provider, SyncLane.FRESH, SHORT, 1).stream()
                .findFirst()
                .orElseThrow();
        SyncLease next = leaseWhenDue();

        settle(lost, new Settlement.Parked(null, Settlement.Doubt.NONE, SyncReason.REJECTED, "too late"));

        assertThat(standing(device).state()).isEqualTo(SyncState.PENDING);
        settle(next, new Settlement.Synced(held(device)));
        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_synced_device_is_not_due_and_says_what_the_provider_holds() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Device device = registered(customer, android(token));

        settle(lease(), new Settlement.Synced(held(device)));
        registered(customer, android(token));

        assertThat(tryLease()).isEmpty();
        assertThat(standing(device))
                .isEqualTo(
                        new ProviderSync(provider, SyncState.SYNCED, "remote-" + device.id(), 1, 0, null, null, null));
    }

    @Test
    void a_changed_device_is_due_again_with_what_is_held() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Device before = registered(customer, android(token));
        syncAll();

        Device after = registered(customer, ios(token));

        assertThat(lease().tasks())
                .containsExactly(new SyncTask(after, 2, held(before), false, false, 0, 0, List.of(), null));
    }

    @Test
    void a_device_that_changed_during_the_call_is_due_again_at_once() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Device before = registered(customer, android(token));
        SyncLease lease = lease();
        Device after = registered(customer, ios(token));

        settle(lease, new Settlement.Synced(held(before)));

        assertThat(standing(after).state()).isEqualTo(SyncState.PENDING);
        assertThat(lease().tasks())
                .containsExactly(new SyncTask(after, 2, held(before), false, false, 0, 0, List.of(), null));
    }

    @Test
    void a_failed_attempt_is_due_again_after_its_wait() {
        Device device = registered(aCustomer(), android(aToken()));

        settle(
                lease(),
                new Settlement.Retry(SHORT, Settlement.Doubt.NEW, false, SyncReason.UNCONFIRMED, "read timed out"));

        assertThat(tryLease()).isEmpty();
        assertThat(standing(device))
                .satisfies(sync -> assertThat(sync.state()).isEqualTo(SyncState.PENDING))
                .satisfies(sync -> assertThat(sync.reason()).isEqualTo(SyncReason.UNCONFIRMED))
                .satisfies(sync -> assertThat(sync.lastError()).isEqualTo("read timed out"))
                .satisfies(sync -> assertThat(sync.nextAttemptAt()).isNotNull());
        assertThat(leaseWhenDue().tasks())
                .containsExactly(new SyncTask(device, 1, null, true, false, 1, 0, List.of(), null));
    }

    @Test
    void an_attempt_without_effect_is_not_counted_as_unconfirmed() {
        Device device = registered(aCustomer(), android(aToken()));

        settle(
                lease(),
                new Settlement.Retry(Duration.ZERO, Settlement.Doubt.NONE, false, SyncReason.UNREACHABLE, "refused"));

        assertThat(leaseWhenDue().tasks())
                .containsExactly(new SyncTask(device, 1, null, false, false, 1, 0, List.of(), null));
    }

    @Test
    void a_doubt_lasts_through_attempts_without_an_effect_until_one_succeeds() {
        Device device = registered(aCustomer(), android(aToken()));
        settle(lease(), retry(Doubt.NEW, false));
        settle(leaseWhenDue(), retry(Doubt.OLD, false));
        settle(leaseWhenDue(), new Settlement.Released(Duration.ZERO));

        SyncLease lease = leaseWhenDue();

        assertThat(lease.tasks()).containsExactly(new SyncTask(device, 1, null, true, false, 2, 0, List.of(), null));
        settle(lease, new Settlement.Synced(held(device)));
        registered(device.customer(), ios(device.token()));
        assertThat(onlyTask(lease()).uncertain()).isFalse();
        assertThat(standing(device).unconfirmedAttempts()).isEqualTo(1);
    }

    @Test
    void a_doubt_lasts_while_a_device_is_parked() {
        Device device = registered(aCustomer(), android(aToken()));
        settle(lease(), new Settlement.Parked(null, Doubt.OLD, SyncReason.UNCONFIRMED, "given up"));

        registered(device.customer(), ios(device.token()));

        assertThat(onlyTask(lease()).uncertain()).isTrue();
    }

    @Test
    void tokens_that_a_device_had_while_its_outcome_was_unknown_are_kept_until_it_is_known() {
        CustomerId customer = aCustomer();
        DeviceToken first = aToken();
        DeviceToken second = aToken();
        Device device = registered(customer, android(first));
        settle(lease(), retry(Doubt.NEW, false));
        rotate(device, second);
        SyncLease attempt = leaseWhenDue();
        Device third = rotate(device, aToken());
        settle(attempt, retry(Doubt.OLD, false));

        SyncLease lease = leaseWhenDue();

        assertThat(onlyTask(lease).formerTokens()).containsExactly(first, second);
        settle(lease, new Settlement.Synced(held(third)));
        rotate(device, aToken());
        assertThat(onlyTask(lease()).formerTokens()).isEmpty();
    }

    @Test
    void a_token_that_a_device_gave_up_during_an_attempt_of_known_outcome_is_what_the_provider_holds_or_nothing() {
        Device device = registered(aCustomer(), android(aToken()));
        SyncLease attempt = lease();
        rotate(device, aToken());
        settle(attempt, retry(Doubt.NONE, false));

        assertThat(onlyTask(leaseWhenDue()).formerTokens()).isEmpty();
    }

    @Test
    void what_is_given_back_keeps_what_is_in_doubt() {
        Device device = registered(aCustomer(), android(aToken()));
        settle(lease(), retry(Doubt.NEW, false));
        rotate(device, aToken());
        settle(leaseWhenDue(), new Settlement.Released(Duration.ZERO));

        assertThat(onlyTask(leaseWhenDue()).formerTokens()).containsExactly(device.token());
    }

    private static Settlement.Retry retry(Doubt doubt, boolean strike) {
        return new Settlement.Retry(Duration.ZERO, doubt, strike, SyncReason.UNCONFIRMED, "?");
    }

    @Test
    void strikes_are_counted_until_an_attempt_succeeds_or_the_device_is_parked() {
        Device device = registered(aCustomer(), android(aToken()));
        settle(lease(), retry(Doubt.NONE, true));
        settle(leaseWhenDue(), retry(Doubt.NONE, false));
        settle(leaseWhenDue(), retry(Doubt.NONE, true));

        SyncLease lease = leaseWhenDue();

        assertThat(onlyTask(lease).strikes()).isEqualTo(2);
        settle(lease, new Settlement.Parked(SHORT, Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));
        assertThat(leaseWhenDue().tasks())
                .containsExactly(new SyncTask(device, 1, null, false, true, 0, 0, List.of(), null));
    }

    @Test
    void a_device_that_changed_during_an_attempt_of_unknown_outcome_waits_as_the_attempt_asks() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        registered(customer, android(token));
        SyncLease lease = lease();
        Device after = registered(customer, ios(token));

        settle(lease, new Settlement.Retry(SHORT, Doubt.NEW, false, SyncReason.UNCONFIRMED, "read timed out"));

        assertThat(tryLease()).isEmpty();
        assertThat(leaseWhenDue().tasks())
                .containsExactly(new SyncTask(after, 2, null, true, false, 1, 0, List.of(), null));
    }

    @Test
    void a_device_that_changes_while_its_last_attempt_may_still_take_effect_waits_no_less() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        registered(customer, android(token));
        settle(lease(), new Settlement.Retry(LONG, Doubt.NEW, false, SyncReason.UNCONFIRMED, "read timed out"));

        registered(customer, ios(token));

        assertThat(tryLease()).isEmpty();
    }

    @Test
    void what_is_only_caught_up_on_waits_in_a_lane_of_its_own() {
        Device parked = registered(aCustomer(), android(aToken()));
        settle(lease(), new Settlement.Parked(null, Doubt.NONE, SyncReason.REJECTED, "no"));
        Device fresh = registered(aCustomer(), android(aToken()));

        ports().ledger().unpark(new ParkedSelection(provider, null, null, null), SyncLane.BACKLOG, null, 10);

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(fresh);
        assertThat(tryLease()).isEmpty();
        SyncLease lease = ports().ledger().lease(provider, SyncLane.BACKLOG, LONG, 1).stream()
                .findFirst()
                .orElseThrow();
        assertThat(lease.tasks()).extracting(SyncTask::device).containsExactly(parked);
    }

    @Test
    void what_changes_leaves_the_backlog() {
        Device device = registered(aCustomer(), android(aToken()));
        settle(lease(), new Settlement.Parked(null, Doubt.NONE, SyncReason.REJECTED, "no"));
        ports().ledger().unpark(new ParkedSelection(provider, null, null, null), SyncLane.BACKLOG, null, 10);

        Device changed = registered(device.customer(), ios(device.token()));

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(changed);
    }

    @Test
    void what_is_written_for_the_backlog_waits_there_unless_it_waits_among_what_is_fresh() {
        CustomerId customer = aCustomer();
        Device fresh = registered(customer, android(aToken()));
        CustomerId caughtUpOn = aCustomer();

        backfill(customer, ios(fresh.token()));
        backfill(caughtUpOn, android(aToken()));

        assertThat(lease().customer()).isEqualTo(customer);
        assertThat(tryLease()).isEmpty();
        assertThat(ports().ledger().lease(provider, SyncLane.BACKLOG, LONG, 1).stream()
                        .findFirst()
                        .orElseThrow()
                        .customer())
                .isEqualTo(caughtUpOn);
    }

    @Test
    void what_was_synced_and_is_written_for_the_backlog_waits_there() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Device device = registered(customer, android(token));
        settle(lease(), new Settlement.Synced(new Holding(null, device.type(), token)));

        backfill(customer, ios(token));

        assertThat(tryLease()).isEmpty();
        assertThat(ports().ledger().lease(provider, SyncLane.BACKLOG, LONG, 1).stream()
                        .findFirst())
                .isPresent();
    }

    @Test
    void what_led_to_the_last_change_of_a_device_is_leased_with_it() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();

        register(customer, android(token), "first");
        SyncLease first = lease();
        settle(first, new Settlement.Released(Duration.ZERO));
        register(customer, ios(token), "second");
        SyncLease second = lease();
        settle(second, new Settlement.Released(Duration.ZERO));
        register(customer, android(token), null);
        SyncLease third = lease();

        assertThat(List.of(first, second, third))
                .flatExtracting(SyncLease::tasks)
                .extracting(SyncTask::origin)
                .containsExactly("first", "second", null);
    }

    private void register(CustomerId customer, DeviceRegistration device, @Nullable String origin) {
        ports().devices()
                .change(
                        new Writing(Examples.CALLER, Set.of(provider), SyncLane.FRESH, origin),
                        Scope.EMPTY.withRegistrations(customer, List.of(device)),
                        registry -> registry.register(customer, device, Examples.MANY));
    }

    private void backfill(CustomerId customer, DeviceRegistration device) {
        ports().devices()
                .change(
                        new Writing(Examples.CALLER, Set.of(provider), SyncLane.BACKLOG, null),
                        Scope.EMPTY.withRegistrations(customer, List.of(device)),
                        registry -> registry.register(customer, device, Examples.MANY));
    }

    @Test
    void all_due_devices_of_a_customer_are_leased_whatever_their_lane() {
        CustomerId customer = aCustomer();
        Device parked = registered(customer, android(aToken()));
        settle(lease(), new Settlement.Parked(null, Doubt.NONE, SyncReason.REJECTED, "no"));
        ports().ledger().unpark(new ParkedSelection(provider, null, null, null), SyncLane.BACKLOG, null, 10);
        Device fresh = registered(customer, android(aToken()));

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactlyInAnyOrder(parked, fresh);
    }

    @Test
    void a_lease_comes_with_the_customers_profile() {
        CustomerId customer = aCustomer();
        registered(customer, android(aToken()));
        describe(customer, named("Jo"));

        assertThat(lease().profile().firstName()).isEqualTo("Jo");
    }

    @Test
    void a_profile_releases_what_waits_for_the_customer_to_be_known_and_nothing_else() {
        CustomerId customer = aCustomer();
        Device unknown = registered(customer, android(aToken()));
        Device refused = registered(customer, android(aToken()));
        Device elsewhere = registered(aCustomer(), android(aToken()));
        for (SyncLease lease : List.of(lease(), lease())) {
            settle(
                    lease,
                    task -> new Settlement.Parked(
                            LONG,
                            Doubt.NONE,
                            task.device().equals(refused) ? SyncReason.REJECTED : SyncReason.CUSTOMER_UNKNOWN,
                            "no"));
        }
        describe(customer, named("Jo"));

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(unknown);
        assertThat(tryLease()).isEmpty();
        assertThat(standing(elsewhere).state()).isEqualTo(SyncState.PARKED);
    }

    @Test
    void what_parks_for_want_of_a_customer_who_was_described_meanwhile_is_tried_again_at_once() {
        CustomerId customer = aCustomer();
        Device device = registered(customer, android(aToken()));
        SyncLease lease = lease();
        describe(customer, named("Jo"));

        settle(lease, new Settlement.Parked(LONG, Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(device);
    }

    @Test
    void a_profile_that_says_nothing_new_releases_nothing() {
        CustomerId customer = aCustomer();
        describe(customer, named("Jo"));
        registered(customer, android(aToken()));
        settle(lease(), new Settlement.Parked(LONG, Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));

        describe(customer, named("Jo"));

        assertThat(tryLease()).isEmpty();
    }

    private static ProfileUpdate named(String firstName) {
        return new ProfileUpdate(Part.KEPT, Part.set(firstName), Part.KEPT, Part.KEPT);
    }

    @Test
    void a_released_device_is_due_again_and_no_attempt_is_counted() {
        Device device = registered(aCustomer(), android(aToken()));

        settle(lease(), new Settlement.Released(SHORT));

        assertThat(standing(device).attempts()).isZero();
        assertThat(tryLease()).isEmpty();
        assertThat(leaseWhenDue().tasks())
                .containsExactly(new SyncTask(device, 1, null, false, false, 0, 0, List.of(), null));
    }

    @Test
    void failures_of_a_parked_device_are_those_since_it_was_parked() {
        Device device = registered(aCustomer(), android(aToken()));
        Settlement.Parked again = new Settlement.Parked(Duration.ZERO, Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?");
        settle(lease(), new Settlement.Retry(Duration.ZERO, Doubt.NONE, true, SyncReason.UNREACHABLE, "refused"));

        settle(leaseWhenDue(), again);
        SyncLease first = leaseWhenDue();
        settle(first, again);
        SyncLease second = leaseWhenDue();

        assertThat(first.tasks()).containsExactly(new SyncTask(device, 1, null, false, true, 0, 0, List.of(), null));
        assertThat(second.tasks()).containsExactly(new SyncTask(device, 1, null, false, true, 1, 0, List.of(), null));
    }

    @Test
    void a_parked_device_rests_until_it_changes() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Device device = registered(customer, android(token));

        settle(lease(), new Settlement.Parked(null, Settlement.Doubt.NONE, SyncReason.REJECTED, "no such app"));

        assertThat(tryLease()).isEmpty();
        assertThat(standing(device))
                .isEqualTo(new ProviderSync(
                        provider, SyncState.PARKED, null, 1, 0, SyncReason.REJECTED, "no such app", null));
        Device changed = registered(customer, ios(token));
        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(changed);
    }

    @Test
    void a_parked_device_is_tried_again_where_that_was_asked_for() {
        Device device = registered(aCustomer(), android(aToken()));

        settle(lease(), new Settlement.Parked(SHORT, Settlement.Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));

        assertThat(standing(device).state()).isEqualTo(SyncState.PARKED);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> standing(device).nextAttemptAt(), at -> at != null && at.isBefore(Instant.now()));
        // Those who just registered do not wait for it.
        assertThat(tryLease()).isEmpty();
        assertThat(leaseWhenDue().tasks()).extracting(SyncTask::device).containsExactly(device);
    }

    @Test
    void an_unsupported_device_is_not_due_again() {
        Device device = registered(aCustomer(), android(aToken()));

        settle(lease(), new Settlement.Unsupported(SyncReason.TYPE_NOT_SUPPORTED, "no android"));

        assertThat(tryLease()).isEmpty();
        assertThat(standing(device).state()).isEqualTo(SyncState.UNSUPPORTED);
        assertThat(standing(device).reason()).isEqualTo(SyncReason.TYPE_NOT_SUPPORTED);
    }

    @Test
    void every_provider_has_its_own_standing() {
        ProviderId other = aProvider();
        CustomerId customer = aCustomer();
        Device device = Examples.register(
                        ports().devices(), customer, List.of(android(aToken())), Set.of(provider, other))
                .getFirst()
                .device();
        syncAll();

        List<ProviderSync> standing =
                ports().ledger().standing(customer, device.id()).orElseThrow();

        assertThat(standing).extracting(ProviderSync::provider).containsExactlyInAnyOrder(provider, other);
        assertThat(standing)
                .filteredOn(sync -> sync.state() == SyncState.PENDING)
                .extracting(ProviderSync::provider)
                .containsExactly(other);
    }

    @Test
    void a_device_of_another_customer_has_no_standing_here() {
        Device device = registered(aCustomer(), android(aToken()));

        assertThat(ports().ledger().standing(aCustomer(), device.id())).isEmpty();
    }

    @Test
    void a_device_that_registers_while_it_waits_in_the_backlog_waits_there_no_longer() {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        backfill(customer, android(token));
        assertThat(tryLease()).isEmpty();

        Device device = registered(customer, android(token));

        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(device);
    }

    @Test
    void who_registers_does_not_wait_for_the_backlog_of_those_who_had_the_token() {
        DeviceToken token = aToken();
        Device first = registered(aCustomer(), android(token));
        settle(lease(), new Settlement.Synced(null));
        backfill(aCustomer(), android(token));
        assertThat(tryLease()).isEmpty();

        Device now = registered(aCustomer(), android(token));

        List<SyncLease> before = ports().ledger().lease(provider, SyncLane.FRESH, LONG, 16);
        assertThat(before).extracting(SyncLease::customer).contains(first.customer());
        before.forEach(lease -> settle(lease, new Settlement.Synced(null)));
        assertThat(lease().tasks()).extracting(SyncTask::device).containsExactly(now);
    }

    @Test
    void what_is_brought_in_lifts_nothing_out_of_the_backlog() {
        DeviceToken token = aToken();
        backfill(aCustomer(), android(token));

        backfill(aCustomer(), android(token));

        assertThat(tryLease()).isEmpty();
    }
}
