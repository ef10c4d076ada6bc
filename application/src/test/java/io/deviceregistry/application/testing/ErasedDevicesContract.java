package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a provider is told of the devices of an erased customer, and of who has their tokens afterwards. */
public abstract class ErasedDevicesContract extends ErasingContract {

    @Test
    void the_provider_is_told_to_retire_what_it_holds_of_the_erased_customer() {
        Device device = synced(token);
        erase();

        SyncTask task = onlyTask(lease());

        assertThat(task.holding()).isEqualTo(held(device));
        assertThat(task.device())
                .returns(device.id(), Device::id)
                .returns(customer, Device::customer)
                .returns(DeviceStatus.REMOVED, Device::status)
                .returns(token, Device::token)
                .returns(DeviceMetadata.NONE, Device::metadata)
                .returns(task.version(), Device::version);
    }

    @Test
    void a_removed_device_that_the_provider_still_holds_is_told_once() {
        Device device = synced(token);
        remove(device);

        Erasure receipt = erase();

        assertThat(receipt.providers()).containsExactly(pending(1));
        assertThat(onlyTask(lease()).holding()).isEqualTo(held(device));
    }

    @Test
    void a_device_that_the_provider_never_took_is_not_held() {
        registered(customer, android(token));
        settle(lease(), new Settlement.Parked(null, Settlement.Doubt.NONE, SyncReason.CUSTOMER_UNKNOWN, "who?"));

        assertThat(erase().completedAt()).isNotNull();
        nothingIsLeft();
    }

    @Test
    void a_device_whose_retirement_was_confirmed_is_not_held() {
        remove(synced(token));
        confirm(lease());

        assertThat(erase().completedAt()).isNotNull();
        nothingIsLeft();
    }

    @Test
    void a_device_whose_first_attempt_is_under_way_may_be_held() {
        Device device = registered(customer, android(token));
        SyncLease underWay = lease();

        Erasure receipt = erase();

        assertThat(receipt.providers()).containsExactly(pending(1));
        assertThat(tryLease()).isEmpty();
        settle(underWay, new Settlement.Synced(held(device)));
        assertThat(onlyTask(lease()).holding()).isEqualTo(held(device));
        assertThat(finished(receipt).providers()).containsExactly(pending(1));
    }

    @Test
    void a_device_whose_first_attempt_was_not_confirmed_may_be_held() {
        Device device = registered(customer, android(token));
        settle(lease(), new Settlement.Retry(Duration.ZERO, Settlement.Doubt.NEW, false, SyncReason.UNCONFIRMED, "?"));

        Erasure receipt = erase();

        assertThat(receipt.providers()).containsExactly(pending(1));
        SyncLease retirement = leaseWhenDue();
        assertThat(onlyTask(retirement).holding()).isEqualTo(new Holding(null, device.type(), token));
        confirm(retirement);
        assertThat(finished(receipt).providers()).containsExactly(confirmed(1));
        nothingIsLeft();
    }

    @Test
    void a_device_whose_lease_ran_out_may_be_held() {
        registered(customer, android(token));
        assertThat(ports().ledger().lease(provider, SyncLane.FRESH, SHORT, 1).stream()
                        .findFirst())
                .isPresent();

        Erasure receipt = erase();

        assertThat(receipt.providers()).containsExactly(pending(1));
        confirm(leaseWhenDue());
        assertThat(finished(receipt).providers()).containsExactly(confirmed(1));
    }

    @Test
    void a_retirement_that_is_under_way_counts_when_it_is_confirmed() {
        remove(synced(token));
        SyncLease retirement = lease();
        Erasure receipt = erase();
        assertThat(receipt.providers()).containsExactly(pending(1));

        confirm(retirement);

        assertThat(tryLease()).isEmpty();
        assertThat(finished(receipt).providers()).containsExactly(confirmed(1));
        nothingIsLeft();
    }

    @Test
    void a_retirement_that_is_confirmed_after_the_device_came_back_counts_too() {
        remove(synced(token));
        SyncLease retirement = lease();
        registered(customer, android(token));
        Erasure receipt = erase();

        confirm(retirement);

        assertThat(tryLease()).isEmpty();
        assertThat(finished(receipt).providers()).containsExactly(confirmed(1));
        nothingIsLeft();
    }

    @Test
    void a_rotated_device_is_retired_by_the_token_that_the_provider_still_knows() {
        Device before = synced(token);
        rotate(before, aToken());

        erase();

        SyncTask task = onlyTask(lease());
        assertThat(task.holding()).isEqualTo(held(before));
        assertThat(task.device().token()).isEqualTo(token);
    }

    @Test
    void a_token_that_an_attempt_of_unknown_outcome_may_have_brought_to_the_provider_is_kept() {
        Device before = synced(token);
        Device rotated = rotate(before, aToken());
        settle(lease(), new Settlement.Retry(Duration.ZERO, Settlement.Doubt.NEW, false, SyncReason.UNCONFIRMED, "?"));

        erase();

        assertThat(onlyTask(leaseWhenDue()))
                .returns(held(before), SyncTask::holding)
                .returns(List.of(rotated.token()), SyncTask::formerTokens);
    }

    @Test
    void an_attempt_that_failed_is_repeated_with_the_token_that_the_provider_knows() {
        Device device = synced(token);
        erase();

        settle(lease(), new Settlement.Retry(Duration.ZERO, Settlement.Doubt.NEW, false, SyncReason.UNCONFIRMED, "?"));

        assertThat(onlyTask(leaseWhenDue()))
                .returns(held(device), SyncTask::holding)
                .returns(true, SyncTask::uncertain);
    }

    @Test
    void a_registration_afterwards_is_a_new_device_that_goes_out_after_the_removal() {
        Device erased = synced(token);
        Erasure receipt = erase();

        Registration made = register(customer, android(token));

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().id()).isNotEqualTo(erased.id());
        assertThat(made.device().version()).isEqualTo(1);
        assertThat(devicesOf(customer)).containsExactly(made.device());
        assertThat(syncAll())
                .extracting(Device::id)
                .containsExactly(erased.id(), made.device().id());
        assertThat(finished(receipt).providers()).containsExactly(confirmed(1));
        assertThat(devicesOf(customer)).containsExactly(made.device());
        assertThat(listed()).extracting(Customer::id).containsExactly(customer);
    }

    @Test
    void another_customer_who_takes_the_token_waits_for_the_removal_too() {
        synced(token);
        erase();
        CustomerId another = aCustomer();

        Registration made = register(another, android(token));

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        SyncLease removal = lease();
        assertThat(removal.customer()).isEqualTo(customer);
        assertThat(tryLease()).isEmpty();
        confirm(removal);
        assertThat(lease().customer()).isEqualTo(another);
    }

    @Test
    void who_takes_a_token_that_was_rotated_away_before_waits_for_the_removal_too() {
        rotate(synced(token), aToken());
        erase();
        CustomerId another = aCustomer();
        register(another, android(token));

        SyncLease removal = lease();

        assertThat(removal.customer()).isEqualTo(customer);
        assertThat(tryLease()).isEmpty();
        confirm(removal);
        assertThat(lease().customer()).isEqualTo(another);
    }
}
