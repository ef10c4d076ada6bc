package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.Erasure.AtProvider;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * How a customer is forgotten: begun by {@link CustomerStore#erase}, told to the providers like every removal, ended by
 * {@link Upkeep#finishErasures}.
 */
public abstract class ErasureContract extends ErasingContract {

    @Test
    void nobody_is_not_erased() {
        assertThat(ports().customers().erase(Examples.CALLER, customer)).isEmpty();
        assertThat(ports().customers().erasure(new ErasureId(UUID.randomUUID())))
                .isEmpty();
    }

    @Test
    void a_customer_of_whom_no_provider_was_told_is_gone_at_once() {
        describe(customer, new ProfileUpdate(Part.set("ada@example.org"), Part.KEPT, Part.KEPT, Part.KEPT));
        registered(customer, android(token));
        remove(registered(customer, ios(aToken())));

        Erasure receipt = erase();

        assertThat(receipt.devices()).isEqualTo(2);
        assertThat(receipt.providers()).isEmpty();
        assertThat(receipt.completedAt()).isNotNull().isAfterOrEqualTo(receipt.requestedAt());
        assertThat(receipt(receipt)).isEqualTo(receipt);
        nothingIsLeft();
        assertThat(ports().customers().erase(Examples.CALLER, customer)).isEmpty();
    }

    @Test
    void what_a_provider_holds_is_forgotten_at_once_and_the_provider_is_to_be_told() {
        Device device = synced(token);
        describe(customer, new ProfileUpdate(Part.set("ada@example.org"), Part.KEPT, Part.KEPT, Part.KEPT));

        Erasure receipt = erase();

        assertThat(receipt)
                .isEqualTo(new Erasure(
                        receipt.id(),
                        receipt.requestedAt(),
                        Examples.CALLER,
                        null,
                        receipt.changesKeptUntil(),
                        1,
                        List.of(pending(1))));
        assertThat(finished(receipt)).isEqualTo(receipt);
        assertThat(ports().devices().device(customer, device.id())).isEmpty();
        assertThat(Search.all().of(customer).in(ports().devices())).isEmpty();
        assertThat(Search.all().having(token).in(ports().devices())).isEmpty();
        assertThat(ports().ledger().standing(customer, device.id())).isEmpty();
        assertThat(ports().customers().customer(customer)).isEmpty();
    }

    @Test
    void the_erasure_is_complete_when_the_provider_confirmed() {
        synced(token);
        Erasure receipt = erase();

        confirm(lease());

        Erasure complete = finished(receipt);
        assertThat(complete.completedAt()).isNotNull().isAfter(receipt.requestedAt());
        assertThat(complete.devices()).isEqualTo(1);
        assertThat(complete.providers()).containsExactly(confirmed(1));
        nothingIsLeft();
        assertThat(finished(receipt)).isEqualTo(complete);
    }

    @Test
    void every_provider_is_told_and_counted_for_itself() {
        ProviderId other = aProvider();
        Examples.register(ports().devices(), customer, List.of(android(token), ios(aToken())), Set.of(provider, other));
        confirm(lease());
        confirm(ports().ledger().lease(other, SyncLane.FRESH, LONG, 1).stream()
                .findFirst()
                .orElseThrow());
        Erasure receipt = erase();
        assertThat(receipt.providers())
                .containsExactlyInAnyOrder(pending(2), new AtProvider(other, 0, 2, 0, 0))
                .isSortedAccordingTo((one, two) ->
                        one.provider().value().compareTo(two.provider().value()));

        confirm(lease());

        Erasure half = finished(receipt);
        assertThat(half.completedAt()).isNull();
        assertThat(half.providers()).containsExactlyInAnyOrder(confirmed(2), new AtProvider(other, 0, 2, 0, 0));

        confirm(ports().ledger().lease(other, SyncLane.FRESH, LONG, 1).stream()
                .findFirst()
                .orElseThrow());
        Erasure whole = finished(receipt);
        assertThat(whole.completedAt()).isNotNull();
        assertThat(whole.providers()).containsExactlyInAnyOrder(confirmed(2), new AtProvider(other, 2, 0, 0, 0));
        nothingIsLeft();
    }

    @Test
    void a_provider_that_cannot_be_told_is_named_and_holds_nothing_up() {
        synced(token);
        Erasure receipt = erase();

        settle(lease(), new Settlement.Unsupported(SyncReason.RETIRE_NOT_SUPPORTED, "cannot"));

        Erasure complete = finished(receipt);
        assertThat(complete.completedAt()).isNotNull();
        assertThat(complete.providers()).containsExactly(new AtProvider(provider, 0, 0, 0, 1));
        nothingIsLeft();
    }

    @Test
    void an_erasure_that_a_provider_refused_waits_for_a_person() {
        synced(token);
        Erasure receipt = erase();

        settle(lease(), new Settlement.Parked(Duration.ZERO, Settlement.Doubt.NONE, SyncReason.REJECTED, "no"));

        Erasure parked = finished(receipt);
        assertThat(parked.completedAt()).isNull();
        assertThat(parked.providers()).containsExactly(new AtProvider(provider, 0, 0, 1, 0));

        confirm(leaseWhenDue());
        assertThat(finished(receipt).providers()).containsExactly(confirmed(1));
        nothingIsLeft();
    }

    @Test
    void repeated_while_it_is_under_way_it_is_the_same_erasure() {
        synced(token);
        Erasure receipt = erase();

        assertThat(erase()).isEqualTo(receipt);
        confirm(lease());
        assertThat(finished(receipt).providers()).containsExactly(confirmed(1));
        assertThat(ports().customers().erase(Examples.CALLER, customer)).isEmpty();
    }

    @Test
    void what_came_after_it_began_is_erased_by_one_of_its_own() {
        synced(token);
        Erasure first = erase();
        SyncLease retirement = lease();
        registered(customer, android(aToken()));

        Erasure second = erase();

        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(second.completedAt()).isNotNull();
        assertThat(receipt(first).completedAt()).isNull();
        confirm(retirement);
        assertThat(finished(first).completedAt()).isNotNull();
        nothingIsLeft();
    }

    @Test
    void of_several_under_way_the_latest_is_the_one_that_nothing_came_after() {
        synced(token);
        Erasure first = erase();
        confirm(lease());
        synced(aToken());
        Erasure second = erase();

        assertThat(erase()).isEqualTo(second);
        assertThat(second.devices()).isEqualTo(1);
        confirm(lease());
        assertThat(finished(first).completedAt()).isNotNull();
        assertThat(finished(second).completedAt()).isNotNull();
        nothingIsLeft();
    }

    @Test
    void a_profile_that_came_after_it_began_is_erased_too() {
        synced(token);
        Erasure first = erase();
        describe(customer, new ProfileUpdate(Part.set("ada@example.org"), Part.KEPT, Part.KEPT, Part.KEPT));

        Erasure second = erase();

        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(ports().customers().customer(customer)).isEmpty();
    }

    @Test
    void simultaneous_erasures_are_one() {
        synced(token);

        List<Erasure> receipts = Crowd.atOnce(20, _ -> erase());

        assertThat(receipts).containsOnly(receipts.getFirst());
    }

    @Test
    void limited_steps_come_to_the_end() {
        registered(customer, android(token));
        registered(customer, android(aToken()));
        registered(customer, android(aToken()));
        confirm(lease());
        Erasure receipt = finished(erase());
        confirm(lease());

        assertThat(ports().upkeep().finishErasures(2)).isEqualTo(2);
        assertThat(ports().upkeep().finishErasures(2)).isLessThan(2);

        assertThat(receipt(receipt).completedAt()).isNotNull();
        assertThat(receipt(receipt).providers()).containsExactly(confirmed(3));
        nothingIsLeft();
    }
}
