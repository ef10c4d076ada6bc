package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.aType;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.longAgo;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.application.port.out.Upkeep.StaleDevices;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registration.Outcome;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Upkeep} does with devices whose time is over; erasures and answers are in contracts of their own. */
public abstract class UpkeepContract extends RegistryContract {
    private static final Duration A_DAY = Duration.ofDays(1);
    private static final Duration AN_AGE = Duration.ofDays(36_500);

    /** More rows than all tests make. */
    private static final int ALL = 1_000_000;

    /** A type that no other test knows: only its devices can grow stale here. */
    private final DeviceType type = aType();

    private final CustomerId customer = aCustomer();
    private final DeviceToken token = aToken();

    /** What other tests left: their walk comes to its end, and what they removed is purged. */
    @BeforeEach
    void clear() {
        step(AN_AGE, ALL);
        ports().upkeep().purgeRemovedDevices(Duration.ZERO, ALL);
    }

    private StaleDevices step(Duration interval, int window) {
        return ports().upkeep().nextStaleDevices(Map.of(type, A_DAY), interval, window);
    }

    /** What a whole walk, begun at once, finds. */
    private List<DeviceId> walk(int window) {
        List<DeviceId> found = new ArrayList<>();
        StaleDevices step;
        do {
            step = step(Duration.ZERO, window);
            found.addAll(step.devices());
        } while (step.more());
        return found;
    }

    private Device seen(DeviceType ofType, Observation observed) {
        return registered(customer, new DeviceRegistration(ofType, aToken(), null, observed));
    }

    private List<DeviceId> unseen(int number) {
        return Stream.generate(() -> seen(type, longAgo()).id()).limit(number).toList();
    }

    private int purge() {
        return ports().upkeep().purgeRemovedDevices(Duration.ZERO, 100);
    }

    private boolean isThere(Device device) {
        return ports().devices().device(device.customer(), device.id()).isPresent();
    }

    private Device removedAndTold() {
        Device removed = remove(registered(customer, android(aToken())));
        syncAll();
        return removed;
    }

    @Test
    void active_devices_of_a_named_type_grow_stale_when_they_are_unseen_for_long_enough() {
        Device stale = seen(type, longAgo());
        seen(type, Observation.ON_ARRIVAL);
        seen(aType(), longAgo());
        remove(seen(type, longAgo()));
        reportInvalid(seen(type, longAgo()).token());

        assertThat(walk(ALL)).containsExactly(stale.id());
    }

    @Test
    void without_a_named_type_nothing_grows_stale() {
        unseen(1);

        assertThat(ports().upkeep()
                        .nextStaleDevices(Map.of(), Duration.ZERO, ALL)
                        .devices())
                .isEmpty();
    }

    @Test
    void every_type_has_an_age_of_its_own() {
        DeviceType patient = aType();
        Device stale = seen(type, longAgo());
        seen(patient, longAgo());

        StaleDevices step = ports().upkeep().nextStaleDevices(Map.of(type, A_DAY, patient, AN_AGE), Duration.ZERO, ALL);

        assertThat(step).isEqualTo(new StaleDevices(List.of(stale.id()), false));
    }

    @Test
    void a_walk_in_small_steps_goes_on_where_it_stopped() {
        List<DeviceId> stale = unseen(20);

        assertThat(walk(7)).isEqualTo(stale);
    }

    @Test
    void the_next_walk_begins_when_the_interval_has_passed_since_the_last_began() {
        List<DeviceId> stale = unseen(2);
        assertThat(walk(ALL)).isEqualTo(stale);

        assertThat(step(A_DAY, ALL)).isEqualTo(new StaleDevices(List.of(), false));
        assertThat(step(A_DAY, 1)).isEqualTo(new StaleDevices(List.of(), false));
        assertThat(step(Duration.ofNanos(1_000), ALL)).isEqualTo(new StaleDevices(stale, false));
    }

    @Test
    void a_walk_that_began_goes_on_whatever_the_interval() {
        List<DeviceId> stale = unseen(20);

        List<DeviceId> found = new ArrayList<>(step(Duration.ZERO, 7).devices());
        found.addAll(restOfWalk(7));

        assertThat(found).isEqualTo(stale);
        assertThat(restOfWalk(7)).isEmpty();
    }

    /** What is left of a walk that began; nothing if it ended. */
    private List<DeviceId> restOfWalk(int window) {
        List<DeviceId> found = new ArrayList<>();
        StaleDevices step;
        do {
            step = step(AN_AGE, window);
            found.addAll(step.devices());
        } while (step.more());
        return found;
    }

    @Test
    void devices_that_come_and_go_do_not_disturb_a_walk() {
        List<DeviceId> devices = unseen(20);
        List<DeviceId> before = new ArrayList<>();
        while (before.isEmpty()) {
            before.addAll(step(Duration.ZERO, 7).devices());
        }

        ports().customers().erase(Examples.CALLER, customer);
        Device added = registered(aCustomer(), new DeviceRegistration(type, aToken(), null, longAgo()));

        assertThat(before).isEqualTo(devices.subList(0, before.size()));
        assertThat(restOfWalk(7)).containsExactly(added.id());
    }

    @Test
    void all_who_walk_share_the_walk() {
        List<DeviceId> stale = unseen(40);
        List<DeviceId> found = new ArrayList<>(step(Duration.ZERO, 3).devices());

        Crowd.atOnce(24, _ -> restOfWalk(3)).forEach(found::addAll);
        found.addAll(restOfWalk(3));

        assertThat(found).containsExactlyInAnyOrderElementsOf(stale);
    }

    @Test
    void a_removed_device_is_purged_when_it_is_removed_for_long_enough() {
        Device removed = removedAndTold();
        Device active = registered(customer, android(token));

        assertThat(ports().upkeep().purgeRemovedDevices(A_DAY, 100)).isZero();
        assertThat(isThere(removed)).isTrue();

        assertThat(purge()).isEqualTo(1);
        assertThat(isThere(removed)).isFalse();
        assertThat(ports().ledger().standing(customer, removed.id())).isEmpty();
        assertThat(isThere(active)).isTrue();
    }

    @Test
    void an_invalid_device_is_not_purged() {
        Device invalid = seen(type, longAgo());
        reportInvalid(invalid.token());
        syncAll();

        assertThat(purge()).isZero();
        assertThat(isThere(invalid)).isTrue();
    }

    @Test
    void a_device_stays_as_long_as_a_provider_is_to_be_told() {
        Device pending = remove(registered(customer, android(token)));

        assertThat(purge()).isZero();
        settle(lease(), new Settlement.Parked(null, Settlement.Doubt.NONE, SyncReason.REJECTED, "no"));
        assertThat(purge()).isZero();

        assertThat(isThere(pending)).isTrue();
    }

    @Test
    void a_device_of_which_the_provider_cannot_be_told_does_not_stay() {
        Device removed = remove(registered(customer, android(token)));
        settle(lease(), new Settlement.Unsupported(SyncReason.RETIRE_NOT_SUPPORTED, "cannot"));

        assertThat(purge()).isEqualTo(1);
        assertThat(isThere(removed)).isFalse();
    }

    @Test
    void a_device_of_which_nobody_ever_was_to_be_told_does_not_stay() {
        registered(aCustomer(), android(token));
        Device superseded = registered(customer, android(token, longAgo()));

        assertThat(purge()).isEqualTo(1);
        assertThat(isThere(superseded)).isFalse();
    }

    @Test
    void a_replaced_device_is_purged_too() {
        Device replaced = registered(customer, android(token));
        rotate(registered(customer, android(aToken())), token);
        syncAll();

        assertThat(purge()).isEqualTo(1);
        assertThat(isThere(replaced)).isFalse();
    }

    @Test
    void a_limited_number_is_purged_at_a_time() {
        for (int i = 0; i < 3; i++) {
            removedAndTold();
        }

        assertThat(ports().upkeep().purgeRemovedDevices(Duration.ZERO, 2)).isEqualTo(2);
        assertThat(removedDevicesOf(customer)).hasSize(1);
        assertThat(ports().upkeep().purgeRemovedDevices(Duration.ZERO, 2)).isEqualTo(1);
        assertThat(removedDevicesOf(customer)).isEmpty();
    }

    @Test
    void the_token_of_a_purged_device_makes_a_new_device() {
        Device purged = remove(registered(customer, android(token)));
        syncAll();
        purge();

        Registration made = register(customer, android(token));

        assertThat(made.outcome()).isEqualTo(Outcome.CREATED);
        assertThat(made.device().id()).isNotEqualTo(purged.id());
        assertThat(made.device().version()).isEqualTo(1);
        assertThat(syncAll()).containsExactly(made.device());
    }

    @Test
    void a_device_that_comes_back_while_it_is_purged_is_there_afterwards() {
        for (int round = 0; round < 20; round++) {
            Device removed = removedAndTold();

            Crowd.atOnce(4, i -> i == 0 ? register(customer, android(removed.token())) : purge());

            assertThat(devicesOf(customer)).extracting(Device::token).contains(removed.token());
        }
    }

    @Test
    void what_is_left_of_an_erased_customer_is_no_matter_of_the_purge() {
        registered(customer, android(token));
        syncAll();
        ports().customers().erase(Examples.CALLER, customer);

        assertThat(purge()).isZero();
        assertThat(lease().tasks()).hasSize(1);
    }
}
