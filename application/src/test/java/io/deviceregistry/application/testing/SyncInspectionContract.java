package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Doubt;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncLedger.Unparked;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link SyncLedger} tells people of how providers stand, and lets them do about it. */
public abstract class SyncInspectionContract extends RegistryContract {
    private static final Settlement.Verdict REJECTED =
            new Settlement.Parked(null, Doubt.NONE, SyncReason.REJECTED, "no such app");

    /** A new device of a new customer, after its first attempt. */
    private Device settled(Settlement.Verdict verdict) {
        Device device = registered(aCustomer(), android(aToken()));
        settle(lease(), verdict);
        return device;
    }

    private Device parked() {
        return settled(REJECTED);
    }

    private ParkedSync shown(Device device) {
        return new ParkedSync(device.customer(), device.id(), standing(device));
    }

    private SyncTotals totals() {
        return ports().ledger().totals(provider);
    }

    private Page<ParkedSync, ParkedQuery.Position> parkedAfter(ParkedQuery.@Nullable Position position, int limit) {
        return ports().ledger().parked(new ParkedQuery(provider, null, position, limit));
    }

    private List<ParkedSync> allParked() {
        return parkedAfter(null, 100).items();
    }

    private int unpark(@Nullable CustomerId customer, @Nullable DeviceId device, @Nullable SyncReason reason) {
        return ports().ledger()
                .unpark(new ParkedSelection(provider, customer, device, reason), SyncLane.FRESH, null, 100)
                .number();
    }

    @Test
    void where_nothing_was_registered_there_is_nothing_to_count() {
        assertThat(totals()).isEqualTo(new SyncTotals(Map.of(), Map.of(), 0, null, 0));
        assertThat(parkedAfter(null, 1)).isEqualTo(new Page<>(List.of(), null));
        assertThat(unpark(null, null, null)).isZero();
    }

    @Test
    void totals_count_devices_by_state_and_parked_ones_by_reason() {
        settled(new Settlement.Synced(null));
        settled(new Settlement.Synced(null));
        settled(new Settlement.Unsupported(SyncReason.TYPE_NOT_SUPPORTED, "no android"));
        parked();
        parked();
        settled(new Settlement.Parked(LONG, Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));
        settled(new Settlement.Retry(LONG, Doubt.NONE, false, SyncReason.UNREACHABLE, "refused"));
        registered(aCustomer(), android(aToken()));
        registered(aCustomer(), android(aToken()));
        lease();

        SyncTotals totals = totals();

        assertThat(totals.pending()).isEqualTo(Map.of(SyncLane.FRESH, 3L));
        assertThat(totals.parked()).isEqualTo(Map.of(SyncReason.REJECTED, 2L, SyncReason.CUSTOMER_UNKNOWN, 1L));
        assertThat(totals.unsupported()).isEqualTo(1);
        assertThat(ports().ledger().countSynced(provider)).isEqualTo(2);
    }

    @Test
    void pending_devices_of_a_customer_share_requests_as_far_as_they_fit() {
        settled(new Settlement.Synced(null));
        parked();
        assertThat(requestsPerDevice(50)).isZero();
        for (int devices = 1; devices <= 3; devices++) {
            CustomerId customer = aCustomer();
            for (int i = 0; i < devices; i++) {
                registered(customer, android(aToken()));
            }
        }

        assertThat(requestsPerDevice(50)).isEqualTo(3 / 6.0, within(0.001));
        assertThat(requestsPerDevice(2)).isEqualTo(4 / 6.0, within(0.001));
        assertThat(requestsPerDevice(1)).isEqualTo(1, within(0.001));
    }

    private double requestsPerDevice(int most) {
        return ports().ledger().requestsPerDevice(provider, most);
    }

    @Test
    void totals_tell_for_how_long_the_one_has_been_pending_that_has_been_so_longest() {
        settled(new Settlement.Synced(null));
        parked();
        assertThat(totals().oldestPending()).isNull();
        settled(new Settlement.Retry(LONG, Doubt.NONE, false, SyncReason.UNREACHABLE, "refused"));
        Duration first = requireNonNull(totals().oldestPending());
        long then = System.nanoTime();
        registered(aCustomer(), android(aToken()));
        Duration meanwhile = Duration.ofNanos(System.nanoTime() - then);

        Duration second = totals().oldestPending();

        assertThat(first).isBetween(Duration.ZERO, LONG);
        // Two clocks may differ by a little.
        assertThat(second).isNotNull().isGreaterThan(first.plus(meanwhile).minusMillis(1));
    }

    @Test
    void totals_tell_what_is_only_caught_up_on_from_what_just_changed() {
        parked();
        registered(aCustomer(), android(aToken()));
        ports().ledger().unpark(new ParkedSelection(provider, null, null, null), SyncLane.BACKLOG, null, 100);

        assertThat(totals().pending()).isEqualTo(Map.of(SyncLane.FRESH, 1L, SyncLane.BACKLOG, 1L));
    }

    @Test
    void totals_tell_how_often_a_provider_knows_two_holders_of_a_token() {
        Device former = registered(aCustomer(), android(aToken()));
        syncAll();
        assertThat(totals().twoHolders()).isZero();
        registered(aCustomer(), android(former.token()));
        settle(lease(), new Settlement.Unsupported(SyncReason.RETIRE_NOT_SUPPORTED, "no such call"));
        syncAll();
        Device gone = registered(aCustomer(), android(aToken()));
        syncAll();
        remove(gone);
        settle(lease(), REJECTED);

        assertThat(totals().twoHolders()).isEqualTo(1);
    }

    @Test
    void a_token_that_a_parked_device_gave_up_has_two_holders_once_somebody_else_has_it() {
        DeviceToken token = aToken();
        Device device = registered(aCustomer(), android(token));
        syncAll();
        rotate(device, aToken());
        settle(lease(), REJECTED);
        assertThat(totals().twoHolders()).isZero();

        registered(aCustomer(), android(token));
        syncAll();

        assertThat(totals().twoHolders()).isEqualTo(1);
        unpark(device.customer(), null, null);
        syncAll();
        assertThat(totals().twoHolders()).isZero();
    }

    @Test
    void totals_are_one_providers() {
        ProviderId other = aProvider();
        Examples.register(ports().devices(), aCustomer(), List.of(android(aToken())), Set.of(provider, other));
        syncAll();

        assertThat(ports().ledger().countSynced(provider)).isEqualTo(1);
        assertThat(totals().pending()).isEmpty();
        assertThat(ports().ledger().countSynced(other)).isZero();
        assertThat(ports().ledger().totals(other).pending()).isEqualTo(Map.of(SyncLane.FRESH, 1L));
    }

    @Test
    void a_parked_device_is_listed_with_all_that_is_known_of_it() {
        Device refused = parked();
        Device unknown = settled(new Settlement.Parked(LONG, Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));
        settled(new Settlement.Synced(null));

        assertThat(allParked()).containsExactly(shown(refused), shown(unknown));
        assertThat(allParked().getFirst().sync().lastError()).isEqualTo("no such app");
        assertThat(allParked().getFirst().sync().nextAttemptAt()).isNull();
        assertThat(allParked().getLast().sync().nextAttemptAt()).isNotNull();
        assertThat(ports().ledger()
                        .parked(new ParkedQuery(provider, SyncReason.CUSTOMER_UNKNOWN, null, 100))
                        .items())
                .containsExactly(shown(unknown));
    }

    @Test
    void an_erased_customers_parked_device_is_listed_too() {
        Device device = registered(aCustomer(), android(aToken()));
        confirm(lease());
        ports().customers().erase(Examples.CALLER, device.customer());
        settle(lease(), REJECTED);

        assertThat(allParked()).extracting(ParkedSync::device).containsExactly(device.id());
        assertThat(allParked()).extracting(ParkedSync::customer).containsExactly(device.customer());
    }

    @Test
    void pages_stay_right_while_devices_park_and_are_made_due_between_them() {
        Device one = parked();
        Device two = parked();
        Device parkingLater = registered(aCustomer(), android(aToken()));
        SyncLease attempt = lease();
        Device three = parked();
        Device four = parked();
        Device five = parked();

        Page<ParkedSync, ParkedQuery.Position> first = parkedAfter(null, 2);
        for (Device due : List.of(one, two, three)) {
            assertThat(unpark(null, due.id(), null)).isEqualTo(1);
        }
        settle(attempt, REJECTED);
        Page<ParkedSync, ParkedQuery.Position> second = parkedAfter(first.next(), 2);
        Page<ParkedSync, ParkedQuery.Position> third = parkedAfter(second.next(), 2);

        assertThat(first.items()).extracting(ParkedSync::device).containsExactly(one.id(), two.id());
        assertThat(second.items()).containsExactly(shown(parkingLater), shown(four));
        assertThat(third).isEqualTo(new Page<>(List.of(shown(five)), null));
    }

    @Test
    void a_last_page_that_is_full_has_none_after_it() {
        Device one = parked();
        Device two = parked();

        Page<ParkedSync, ParkedQuery.Position> first = parkedAfter(null, 1);

        assertThat(first.items()).containsExactly(shown(one));
        assertThat(parkedAfter(first.next(), 1)).isEqualTo(new Page<>(List.of(shown(two)), null));
    }

    @Test
    void a_list_of_several_providers_is_in_their_order() {
        ProviderId later = aProvider();
        Device both = Examples.register(
                        ports().devices(), aCustomer(), List.of(android(aToken())), Set.of(provider, later))
                .getFirst()
                .device();
        settle(lease(), REJECTED);
        settle(
                ports().ledger().lease(later, SyncLane.FRESH, LONG, 1).stream()
                        .findFirst()
                        .orElseThrow(),
                REJECTED);
        Device newer = parked();
        ParkedQuery.Position before = new ParkedQuery.Position(provider, new DeviceId(new UUID(0, 0)));

        Page<ParkedSync, ParkedQuery.Position> first = ports().ledger().parked(new ParkedQuery(null, null, before, 2));
        Page<ParkedSync, ParkedQuery.Position> second =
                ports().ledger().parked(new ParkedQuery(null, null, first.next(), 1));

        assertThat(first.items())
                .extracting(one -> one.sync().provider(), ParkedSync::device)
                .containsExactly(tuple(provider, both.id()), tuple(provider, newer.id()));
        assertThat(second.items())
                .extracting(one -> one.sync().provider(), ParkedSync::device)
                .containsExactly(tuple(later, both.id()));
    }

    @Test
    void what_is_made_due_is_as_if_it_had_never_failed() {
        Device device = registered(aCustomer(), android(aToken()));
        settle(lease(), new Settlement.Retry(Duration.ZERO, Doubt.NONE, false, SyncReason.UNREACHABLE, "refused"));
        settle(leaseWhenDue(), REJECTED);

        assertThat(unpark(null, null, null)).isEqualTo(1);

        assertThat(stateOf(device)).isEqualTo(SyncState.PENDING);
        assertThat(standing(device).reason()).isNull();
        assertThat(totals().parked()).isEmpty();
        assertThat(onlyTask(lease()).failures()).isZero();
    }

    @Test
    void only_what_is_selected_is_made_due() {
        Device byCustomer = parked();
        Device byId = parked();
        Device byReason = settled(new Settlement.Parked(LONG, Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));
        Device synced = settled(new Settlement.Synced(null));

        assertThat(unpark(byCustomer.customer(), byId.id(), null)).isZero();
        assertThat(unpark(synced.customer(), null, null)).isZero();
        assertThat(unpark(byCustomer.customer(), null, null)).isEqualTo(1);
        assertThat(allParked()).containsExactly(shown(byId), shown(byReason));
        assertThat(unpark(null, null, SyncReason.CUSTOMER_UNKNOWN)).isEqualTo(1);
        assertThat(allParked()).containsExactly(shown(byId));
        assertThat(unpark(null, byId.id(), SyncReason.REJECTED)).isEqualTo(1);
        assertThat(allParked()).isEmpty();
    }

    @Test
    void made_due_in_steps_each_step_begins_where_the_one_before_ended() {
        List<Device> devices = Stream.generate(this::parked).limit(3).toList();
        ParkedSelection all = new ParkedSelection(provider, null, null, null);

        Unparked first = ports().ledger().unpark(all, SyncLane.FRESH, null, 2);
        assertThat(first)
                .isEqualTo(new Unparked(
                        2, new ParkedQuery.Position(provider, devices.get(1).id())));
        assertThat(allParked()).containsExactly(shown(devices.get(2)));

        Unparked second = ports().ledger().unpark(all, SyncLane.FRESH, first.next(), 2);
        assertThat(second).isEqualTo(new Unparked(1, null));
        assertThat(allParked()).isEmpty();
    }

    @Test
    void a_step_leaves_alone_what_parked_again_behind_it() {
        Device earlier = parked();
        Device later = parked();
        ParkedSelection all = new ParkedSelection(provider, null, null, null);

        Unparked step =
                ports().ledger().unpark(all, SyncLane.FRESH, new ParkedQuery.Position(provider, earlier.id()), 2);

        assertThat(step).isEqualTo(new Unparked(1, null));
        assertThat(allParked()).containsExactly(shown(earlier));
        assertThat(stateOf(later)).isEqualTo(SyncState.PENDING);
    }

    @Test
    void what_is_being_tried_already_is_left_to_that() {
        Device device = settled(new Settlement.Parked(Duration.ZERO, Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));
        SyncLease lease = leaseWhenDue();

        assertThat(unpark(null, null, null)).isZero();

        settle(lease, REJECTED);
        assertThat(stateOf(device)).isEqualTo(SyncState.PARKED);
    }
}
