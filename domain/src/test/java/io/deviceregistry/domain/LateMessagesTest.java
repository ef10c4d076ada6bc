package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.UNREGISTERED;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.ios;
import static io.deviceregistry.domain.Examples.minute;
import static io.deviceregistry.domain.Examples.observedAt;
import static io.deviceregistry.domain.Examples.removed;
import static io.deviceregistry.domain.Examples.rotationTo;
import static io.deviceregistry.domain.Examples.transferred;
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RegistryBuilder.LIMIT;
import static io.deviceregistry.domain.RegistryBuilder.registryOf;
import static io.deviceregistry.domain.RemovalReason.DEREGISTERED;
import static io.deviceregistry.domain.RemovalReason.TRANSFERRED;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.Registry.Change;
import io.deviceregistry.domain.Registry.ReportOutcome;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All messages arrive at minute 60; what they say was true at the minute that they name. */
class LateMessagesTest {
    private static final Observation AHEAD = Observation.at(minute(64), LATER);
    private static final DeviceUpdate DESCRIBED = new DeviceUpdate(null, null, METADATA, ON_ARRIVAL);

    @Test
    void a_late_registration_of_a_device_that_reflects_something_newer_is_ignored() {
        assertIgnored(aDevice(CUSTOMER, TOKEN, 20));
    }

    @Test
    void a_late_registration_of_a_device_that_was_removed_since_does_not_bring_it_back() {
        assertIgnored(removed(aDevice(), 20));
    }

    @Test
    void a_late_registration_of_a_device_that_was_found_dead_since_does_not_revive_it() {
        assertIgnored(invalid(aDevice(), 20));
    }

    private static void assertIgnored(Device device) {
        Registry registry = registryOf(device);

        Registration answer = registry.register(CUSTOMER, ios(TOKEN, observedAt(19)), LIMIT);

        assertThat(answer).isEqualTo(new Registration(device, Outcome.EXISTING));
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_late_registration_of_a_device_that_was_removed_again_since_does_not_bring_it_back() {
        Device gone = removed(aDevice(), 20);
        Registry registry = registryOf(gone);
        registry.remove(CUSTOMER, TOKEN, observedAt(40));

        Registration late = registry.register(CUSTOMER, android(TOKEN, observedAt(39)), LIMIT);

        Device goneStill = gone.removed(DEREGISTERED, observedAt(40), LATER);
        assertThat(late).isEqualTo(new Registration(goneStill, Outcome.EXISTING));
        assertThat(registry.changedDevices()).containsExactly(new Change(gone, goneStill));
    }

    @Test
    void a_registration_as_old_as_what_the_device_reflects_counts() {
        Device gone = removed(aDevice(), 20);
        Registry registry = registryOf(gone);

        Registration back = registry.register(CUSTOMER, android(TOKEN, observedAt(20)), LIMIT);

        assertThat(back.outcome()).isEqualTo(Outcome.REACTIVATED);
        assertThat(back.device().lastSeenAt()).isEqualTo(minute(20));
    }

    @Test
    void a_late_registration_of_a_token_that_nobody_holds_makes_a_device_that_was_seen_when_the_message_says() {
        Registry registry = registryOf();

        Registration made = registry.register(CUSTOMER, android(TOKEN, observedAt(20)), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().lastSeenAt()).isEqualTo(minute(20));
        assertThat(made.device().registeredAt()).isEqualTo(LATER);
    }

    @Test
    void a_late_registration_of_a_new_device_whose_token_someone_took_since_notes_just_that() {
        Device holder = aDevice(ANOTHER, TOKEN, 20);
        Registry registry = registryOf(holder);
        DeviceRegistration late = android(TOKEN, observedAt(19));

        Registration superseded = registry.register(CUSTOMER, late, LIMIT);

        Device device = superseded.device();
        assertThat(superseded.outcome()).isEqualTo(Outcome.SUPERSEDED);
        assertThat(device).isEqualTo(Device.superseded(device.id(), CUSTOMER, late, LATER));
        assertThat(device.removalReason()).isEqualTo(TRANSFERRED);
        assertThat(device.version()).isEqualTo(1);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(null, device))
                .noneMatch(Change::concernsProviders);
        assertThat(registry.changedCustomers()).extracting(Customer::id).containsExactly(CUSTOMER);
    }

    @Test
    void a_late_registration_of_a_known_device_whose_token_someone_took_since_notes_just_that() {
        Device gone = removed(aDevice(), 10);
        Device holder = aDevice(ANOTHER, TOKEN, 20);
        Registry registry = registryOf(gone, holder);

        Registration superseded = registry.register(CUSTOMER, ios(TOKEN, observedAt(19)), LIMIT);

        Device lost = gone.removed(TRANSFERRED, observedAt(19), LATER);
        assertThat(superseded).isEqualTo(new Registration(lost, Outcome.EXISTING));
        assertThat(registry.changedDevices())
                .containsExactly(new Change(gone, lost))
                .noneMatch(Change::concernsProviders);
    }

    @Test
    void a_late_registration_that_was_superseded_once_changes_nothing_when_it_is_repeated() {
        DeviceRegistration late = android(TOKEN, observedAt(19));
        Device superseded = Device.superseded(anId(), CUSTOMER, late, minute(50));
        Registry registry = registryOf(superseded, aDevice(ANOTHER, TOKEN, 20));

        Registration again = registry.register(CUSTOMER, late, LIMIT);

        assertThat(again).isEqualTo(new Registration(superseded, Outcome.EXISTING));
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_late_registration_of_a_token_that_someone_took_since_and_lost_again_notes_just_that() {
        Device taken = aDevice(ANOTHER, TOKEN, 20);
        DeviceRegistration late = android(TOKEN, observedAt(19));

        for (Device former : List.of(removed(taken, 30), invalid(taken, 30), transferred(taken, 30))) {
            Registry registry = registryOf(former);

            Registration superseded = registry.register(CUSTOMER, late, LIMIT);

            Device device = superseded.device();
            assertThat(superseded.outcome()).isEqualTo(Outcome.SUPERSEDED);
            assertThat(device).isEqualTo(Device.superseded(device.id(), CUSTOMER, late, LATER));
            assertThat(registry.changedDevices()).containsExactly(new Change(null, device));
        }
    }

    @Test
    void a_late_registration_of_a_known_device_whose_token_someone_took_since_and_lost_again_notes_just_that() {
        Device gone = removed(aDevice(), 10);
        Registry registry = registryOf(gone, removed(aDevice(ANOTHER, TOKEN, 20), 30));

        Registration superseded = registry.register(CUSTOMER, android(TOKEN, observedAt(19)), LIMIT);

        assertThat(superseded)
                .isEqualTo(new Registration(gone.removed(TRANSFERRED, observedAt(19), LATER), Outcome.EXISTING));
    }

    @Test
    void a_registration_after_the_last_sign_of_a_former_holder_counts_though_that_one_was_removed_later() {
        Registry registry = registryOf(removed(aDevice(ANOTHER, TOKEN, 20), 30));

        Registration made = registry.register(CUSTOMER, android(TOKEN, observedAt(20)), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().isActive()).isTrue();
    }

    @Test
    void a_registration_that_is_true_on_arrival_is_newer_than_all_former_holders() {
        Registry registry = registryOf(removed(aDevice(ANOTHER, TOKEN, 60), 60));

        Registration made = registry.register(CUSTOMER, android(TOKEN), LIMIT);

        assertThat(made.device().isActive()).isTrue();
    }

    @Test
    void who_had_the_token_in_an_earlier_operation_of_the_change_is_a_former_holder_too() {
        Registry registry = registryOf();
        registry.register(ANOTHER, android(TOKEN, observedAt(20)), LIMIT);
        registry.remove(ANOTHER, TOKEN, ON_ARRIVAL);

        Registration late = registry.register(CUSTOMER, android(TOKEN, observedAt(19)), LIMIT);

        assertThat(late.outcome()).isEqualTo(Outcome.SUPERSEDED);
    }

    @Test
    void who_gave_up_the_token_is_no_witness_of_it() {
        Device replaced = aDevice(ANOTHER, TOKEN, 20).removed(RemovalReason.REPLACED, ON_ARRIVAL, minute(30));
        Registry registry = registryOf(replaced);

        Registration made = registry.register(CUSTOMER, android(TOKEN, observedAt(19)), LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
    }

    @Test
    void a_registration_as_old_as_when_the_holder_was_last_seen_takes_the_token() {
        Device holder = aDevice(ANOTHER, TOKEN, 20);
        Registry registry = registryOf(holder);
        DeviceRegistration registration = android(TOKEN, observedAt(20));

        Registration made = registry.register(CUSTOMER, registration, LIMIT);

        assertThat(made.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(registry.changedDevices())
                .containsExactly(
                        new Change(holder, holder.removed(TRANSFERRED, observedAt(20), LATER)),
                        new Change(null, made.device()));
    }

    @Test
    void a_registration_takes_the_token_of_a_holder_that_only_changed_its_metadata_since() {
        Device holder = aDevice(ANOTHER, TOKEN, 10).changed(DESCRIBED, minute(20));
        Registry registry = registryOf(holder);

        Registration made = registry.register(CUSTOMER, android(TOKEN, observedAt(11)), LIMIT);

        Device lost = holder.removed(TRANSFERRED, observedAt(11), LATER);
        assertThat(made.outcome()).isEqualTo(Outcome.TRANSFERRED);
        assertThat(made.device().isActive()).isTrue();
        assertThat(registry.changedDevices())
                .containsExactly(new Change(holder, lost), new Change(null, made.device()));
        assertThat(lost.asOf()).isEqualTo(minute(20));
    }

    @Test
    void a_late_registration_of_a_former_holder_is_measured_by_when_the_present_one_took_the_token() {
        Device former = aDevice(ANOTHER, TOKEN);
        Registry registry = registryOf(former);
        registry.register(CUSTOMER, android(TOKEN, observedAt(20)), LIMIT);

        Registration late = registry.register(ANOTHER, android(TOKEN, observedAt(19)), LIMIT);

        assertThat(late.device()).isEqualTo(former.removed(TRANSFERRED, observedAt(20), LATER));
    }

    @Test
    void a_late_removal_does_not_end_a_device_that_was_registered_since() {
        Registry registry = registryOf(aDevice(CUSTOMER, TOKEN, 20));

        registry.remove(CUSTOMER, TOKEN, observedAt(19));

        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_late_removal_does_not_end_a_device_that_was_registered_again_in_the_same_minute() {
        Registry registry = registryOf(aDevice(CUSTOMER, TOKEN, 20));
        Instant seenAgain = minute(20).plusSeconds(30);
        Device device = registry.register(CUSTOMER, android(TOKEN, new Observation(seenAgain)), LIMIT)
                .device();

        registry.remove(CUSTOMER, TOKEN, new Observation(seenAgain.minusSeconds(1)));

        assertThat(registry.changedDevices()).extracting(Change::after).containsExactly(device);
        assertThat(device.isActive()).isTrue();
    }

    @Test
    void a_late_removal_of_a_device_that_was_removed_since_changes_nothing() {
        Registry registry = registryOf(removed(aDevice(), 20));

        registry.remove(CUSTOMER, TOKEN, observedAt(19));

        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_removal_as_old_as_what_the_device_reflects_counts() {
        Device device = aDevice(CUSTOMER, TOKEN, 20);
        Registry registry = registryOf(device);

        registry.remove(CUSTOMER, TOKEN, observedAt(20));

        assertThat(registry.changedDevices())
                .containsExactly(new Change(device, device.removed(DEREGISTERED, observedAt(20), LATER)));
    }

    @Test
    void a_late_report_does_not_end_a_device_that_changed_since() {
        Device device = aDevice().changed(DESCRIBED, minute(20));
        Registry registry = registryOf(device);

        ReportOutcome outcome = registry.reportInvalid(TOKEN, UNREGISTERED, observedAt(19));

        assertThat(outcome).isEqualTo(ReportOutcome.IGNORED);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_late_report_does_not_end_the_device_of_the_next_holder() {
        Registry registry = registryOf(transferred(aDevice(), 20), aDevice(ANOTHER, TOKEN, 20));

        ReportOutcome outcome = registry.reportInvalid(TOKEN, UNREGISTERED, observedAt(19));

        assertThat(outcome).isEqualTo(ReportOutcome.IGNORED);
        assertThat(registry.changedDevices()).isEmpty();
    }

    @Test
    void a_message_from_a_fast_clock_registers_a_device_that_was_seen_no_later_than_now() {
        Registry registry = registryOf();

        Device made = registry.register(CUSTOMER, android(TOKEN, AHEAD), LIMIT).device();

        assertThat(made.lastSeenAt()).isEqualTo(LATER);
        assertThat(made.asOf()).isEqualTo(LATER);
    }

    @Test
    void a_message_from_a_fast_clock_does_not_make_the_messages_after_it_late() {
        Registry registry = registryOf(aDevice(), aDevice(ANOTHER, OTHER_TOKEN));
        registry.remove(CUSTOMER, TOKEN, AHEAD);
        registry.rotate(ANOTHER, OTHER_TOKEN, new DeviceUpdate(null, null, METADATA, AHEAD), LIMIT);

        Registration back = registry.register(CUSTOMER, android(TOKEN, observedAt(60)), LIMIT);
        Device rotated = registry.rotate(CUSTOMER, TOKEN, rotationTo(OTHER_TOKEN, observedAt(60)), LIMIT);

        assertThat(back.outcome()).isEqualTo(Outcome.REACTIVATED);
        assertThat(rotated.isActive()).isTrue();
    }

    @Test
    void a_message_from_a_fast_clock_is_compared_as_it_says() {
        Device seenJustNow = aDevice(CUSTOMER, TOKEN, 60);
        Registry registry = registryOf(seenJustNow);

        ReportOutcome outcome = registry.reportInvalid(TOKEN, UNREGISTERED, AHEAD);

        assertThat(outcome).isEqualTo(ReportOutcome.INVALIDATED);
        assertThat(registry.changedDevices())
                .containsExactly(new Change(seenJustNow, seenJustNow.foundDead(UNREGISTERED, AHEAD, LATER)));
        assertThat(seenJustNow.foundDead(UNREGISTERED, AHEAD, LATER).asOf()).isEqualTo(LATER);
    }
}
