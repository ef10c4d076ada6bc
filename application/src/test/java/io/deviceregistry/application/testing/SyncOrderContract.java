package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.rotationTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.RemovalReason;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * In which order every {@link SyncLedger} lets a provider be told of devices that had one token after the other: it must
 * never know two devices by one token.
 */
public abstract class SyncOrderContract extends RegistryContract {
    private final CustomerId customer = aCustomer();
    private final CustomerId another = aCustomer();
    private final DeviceToken token = aToken();
    private final DeviceToken next = aToken();

    private Device synced(CustomerId owner, DeviceToken known) {
        Device device = registered(owner, android(known));
        confirm(lease());
        return device;
    }

    /** The first is leased alone, and the second not before the first was settled with the verdict. */
    private void followEachOther(Device first, Device second, Settlement.Verdict verdict) {
        SyncLease lease = lease();
        assertThat(onlyTask(lease).device().id()).isEqualTo(first.id());
        assertThat(tryLease()).isEmpty();
        settle(lease, verdict);
        assertThat(onlyTask(lease()).device().id()).isEqualTo(second.id());
    }

    private void followEachOther(Device first, Device second) {
        followEachOther(first, second, new Settlement.Synced(first.isActive() ? held(first) : null));
    }

    @Test
    void a_transferred_device_goes_out_only_after_the_removal() {
        Device before = synced(customer, token);
        Device taken = registered(another, android(token));

        SyncLease removal = lease();

        assertThat(onlyTask(removal))
                .isEqualTo(new SyncTask(stored(before), 2, held(before), false, false, 0, 0, List.of(), null));
        assertThat(tryLease()).isEmpty();
        confirm(removal);
        assertThat(onlyTask(lease()).device()).isEqualTo(taken);
    }

    @Test
    void a_transferred_device_goes_out_all_the_same_when_the_removal_parked() {
        Device before = synced(customer, token);
        Device taken = registered(another, android(token));

        followEachOther(before, taken, new Settlement.Parked(null, Settlement.Doubt.NONE, SyncReason.REJECTED, "no"));
    }

    @Test
    void a_device_passed_on_twice_waits_for_the_one_whom_the_provider_knows() {
        Device known = synced(customer, token);
        registered(another, android(token));
        CustomerId third = aCustomer();
        registered(third, android(token));

        SyncLease one = lease();
        SyncLease two = lease();
        assertThat(List.of(one.customer(), two.customer())).containsExactlyInAnyOrder(customer, another);
        assertThat(tryLease()).isEmpty();
        confirm(one.customer().equals(another) ? one : two);
        assertThat(tryLease()).isEmpty();
        confirm(one.customer().equals(customer) ? one : two);

        assertThat(lease().customer()).isEqualTo(third);
        assertThat(stateOf(known)).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_device_that_was_taken_and_came_back_does_not_wait_for_itself() {
        Device before = synced(customer, token);
        registered(another, android(token));
        Device back = registered(customer, android(token));

        syncAll();

        assertThat(back.id()).isEqualTo(before.id());
        assertThat(stateOf(back)).isEqualTo(SyncState.SYNCED);
        assertThat(tryLease()).isEmpty();
    }

    @Test
    void who_takes_a_token_that_was_rotated_away_waits_for_the_update() {
        Device rotated = rotate(synced(customer, token), next);

        Device taken = registered(another, android(token));

        followEachOther(rotated, taken);
    }

    @Test
    void a_new_device_of_the_same_customer_waits_for_the_update_too() {
        Device rotated = rotate(synced(customer, token), next);

        Device taken = registered(customer, android(token));

        followEachOther(rotated, taken);
    }

    @Test
    void a_failed_update_is_still_waited_for() {
        rotate(synced(customer, token), next);
        registered(another, android(token));

        settle(
                lease(),
                new Settlement.Retry(Duration.ZERO, Settlement.Doubt.NONE, false, SyncReason.UNREACHABLE, "refused"));

        SyncLease again = leaseWhenDue();
        assertThat(again.customer()).isEqualTo(customer);
        assertThat(tryLease()).isEmpty();
        settle(again, new Settlement.Released(LONG));
        assertThat(tryLease()).isEmpty();
    }

    @Test
    void an_update_of_a_device_that_changed_during_the_call_is_still_waited_for() {
        Device device = rotate(synced(customer, token), next);
        SyncLease update = lease();
        rotate(device, aToken());
        Device taken = registered(another, android(next));

        confirm(update);

        followEachOther(device, taken);
    }

    @Test
    void an_update_that_parked_is_not_waited_for() {
        Device rotated = rotate(synced(customer, token), next);
        Device taken = registered(another, android(token));

        followEachOther(rotated, taken, new Settlement.Parked(null, Settlement.Doubt.NONE, SyncReason.REJECTED, "no"));
    }

    @Test
    void a_token_that_nobody_gave_up_is_not_waited_for() {
        rotate(synced(customer, token), next);
        Device unconcerned = registered(another, android(aToken()));

        List<SyncLease> leases = List.of(lease(), lease());

        assertThat(leases).extracting(SyncLease::customer).containsExactlyInAnyOrder(customer, unconcerned.customer());
    }

    @Test
    void every_token_that_was_rotated_away_is_waited_for() {
        Device rotated = rotate(rotate(synced(customer, token), next), aToken());
        CustomerId third = aCustomer();
        registered(another, android(token));
        registered(third, android(next));

        SyncLease update = lease();

        assertThat(onlyTask(update).device()).isEqualTo(rotated);
        assertThat(tryLease()).isEmpty();
        confirm(update);
        assertThat(List.of(lease().customer(), lease().customer())).containsExactlyInAnyOrder(another, third);
    }

    @Test
    void who_takes_a_token_back_after_it_was_passed_on_waits_for_all_who_had_it() {
        Device rotated = rotate(synced(customer, token), next);
        Device between = registered(another, android(token));
        CustomerId third = aCustomer();
        Device last = registered(third, android(token));

        List<SyncLease> before = List.of(lease(), lease());
        assertThat(before)
                .flatExtracting(SyncLease::tasks)
                .extracting(task -> task.device().id())
                .containsExactlyInAnyOrder(rotated.id(), between.id());
        confirm(before.get(0));
        assertThat(tryLease()).isEmpty();
        confirm(before.get(1));

        assertThat(onlyTask(lease()).device()).isEqualTo(last);
    }

    @Test
    void the_survivor_of_a_rotation_waits_for_the_device_that_it_replaced() {
        Device survivor = synced(customer, token);
        Device replaced = synced(customer, next);
        rotate(survivor, next);

        SyncLease retirement = lease();

        assertThat(onlyTask(retirement))
                .returns(held(replaced), SyncTask::holding)
                .returns(replaced.id(), task -> task.device().id())
                .returns(RemovalReason.REPLACED, task -> task.device().removalReason());
        assertThat(tryLease()).isEmpty();
        confirm(retirement);
        assertThat(onlyTask(lease()))
                .returns(held(survivor), SyncTask::holding)
                .returns(next, task -> task.device().token());
    }

    @Test
    void the_survivor_of_a_rotation_waits_for_the_customer_whom_it_displaced() {
        Device survivor = synced(customer, token);
        Device displaced = synced(another, next);
        rotate(survivor, next);

        followEachOther(stored(displaced), survivor);
    }

    @Test
    void a_removed_device_that_was_replaced_before_the_provider_knew_is_waited_for() {
        Device survivor = synced(customer, token);
        Device replaced = remove(synced(customer, next));
        rotate(survivor, next);

        followEachOther(replaced, survivor);
    }

    @Test
    void a_device_that_rotated_and_was_removed_then_is_waited_for_by_both_its_tokens() {
        Device removed = remove(rotate(synced(customer, token), next));
        CustomerId third = aCustomer();
        registered(another, android(token));
        registered(third, android(next));

        SyncLease retirement = lease();

        assertThat(onlyTask(retirement).device()).isEqualTo(removed);
        assertThat(tryLease()).isEmpty();
        confirm(retirement);
        assertThat(List.of(lease().customer(), lease().customer())).containsExactlyInAnyOrder(another, third);
    }

    @Test
    void devices_that_swapped_their_tokens_do_not_wait_for_each_other() {
        Device one = synced(customer, token);
        Device two = synced(another, next);
        DeviceToken aside = aToken();
        rotate(one, aside);
        rotate(two, token);
        rotate(one, next);

        syncAll();

        assertThat(stateOf(one)).isEqualTo(SyncState.SYNCED);
        assertThat(stateOf(two)).isEqualTo(SyncState.SYNCED);
        assertThat(stored(one).token()).isEqualTo(next);
        assertThat(stored(two).token()).isEqualTo(token);
    }

    @Test
    void a_device_that_rotated_there_and_back_does_not_wait_for_itself() {
        Device device = synced(customer, token);
        rotate(device, next);
        rotate(device, token);

        syncAll();

        assertThat(stateOf(device)).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void what_another_provider_was_told_does_not_count() {
        ProviderId other = aProvider();
        Device device = Examples.register(ports().devices(), customer, List.of(android(token)), Set.of(provider, other))
                .getFirst()
                .device();
        confirm(lease());
        confirm(ports().ledger().lease(other, SyncLane.FRESH, LONG, 1).stream()
                .findFirst()
                .orElseThrow());
        ports().devices()
                .change(
                        Examples.writing(Set.of(provider, other)),
                        Scope.EMPTY.withTokens(customer, Set.of(token, next)),
                        registry -> registry.rotate(customer, token, rotationTo(next), MANY));
        Examples.register(ports().devices(), another, List.of(android(token)), Set.of(provider, other));

        confirm(lease());

        assertThat(lease().customer()).isEqualTo(another);
        SyncLease elsewhere = ports().ledger().lease(other, SyncLane.FRESH, LONG, 1).stream()
                .findFirst()
                .orElseThrow();
        assertThat(onlyTask(elsewhere).device().id()).isEqualTo(device.id());
        assertThat(ports().ledger().lease(other, SyncLane.FRESH, LONG, 1).stream()
                        .findFirst())
                .isEmpty();
    }

    @Test
    void a_purge_leaves_what_is_waited_for() {
        Device removed = remove(rotate(synced(customer, token), next));
        Device taken = registered(another, android(token));

        ports().upkeep().purgeRemovedDevices(Duration.ZERO, MANY);

        followEachOther(removed, taken);
    }
}
