package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.LONG_AGO;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.aType;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static io.deviceregistry.application.testing.Examples.longAgo;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How every {@link DeviceStore} finds devices. */
public abstract class DeviceSearchContract extends RegistryContract {
    /** A type that no other test knows, where nothing else tells this test's devices from others. */
    private final DeviceType type = aType();

    private final CustomerId customer = aCustomer();
    private final CustomerId another = aCustomer();
    private final DeviceToken token = aToken();

    private List<Device> found(Search search) {
        return search.in(ports().devices());
    }

    private Page<Device, DeviceId> page(Search search, DeviceId after, int limit) {
        return ports().devices().devices(search.page(after, limit));
    }

    private Page<Device, DeviceId> firstPage(Search search, int limit) {
        return ports().devices().devices(search.page(null, limit));
    }

    private Device ofType(CustomerId owner, Observation seen) {
        return registered(owner, new DeviceRegistration(type, aToken(), null, seen));
    }

    private Device ofType(CustomerId owner) {
        return ofType(owner, Observation.ON_ARRIVAL);
    }

    private Device inState(SyncState state) {
        Device device = ofType(customer);
        switch (state) {
            case PENDING -> {}
            case SYNCED -> confirm(lease());
            case PARKED ->
                settle(lease(), new Settlement.Parked(null, Settlement.Doubt.NONE, SyncReason.REJECTED, "no"));
            case UNSUPPORTED -> settle(lease(), new Settlement.Unsupported(SyncReason.TYPE_NOT_SUPPORTED, "no"));
        }
        return device;
    }

    @Test
    void a_token_leads_to_all_who_know_a_device_by_it() {
        Device former = registered(customer, android(token));
        Device holder = registered(another, android(token));
        registered(another, android(aToken()));

        assertThat(found(Search.all().having(token))).containsExactly(stored(former), holder);
        assertThat(found(Search.all().having(token).being(DeviceStatus.ACTIVE))).containsExactly(holder);
        assertThat(found(Search.all().having(token).of(customer))).containsExactly(stored(former));
        assertThat(found(Search.all().having(token).of(aCustomer()))).isEmpty();
        assertThat(found(Search.all().having(aToken()))).isEmpty();
    }

    @Test
    void a_token_leads_neither_to_a_device_that_rotated_away_nor_to_a_replaced_one() {
        DeviceToken next = aToken();
        registered(customer, android(token));
        Device replaced = registered(customer, android(next));
        Device rotated = rotate(customer, token, next);

        assertThat(found(Search.all().having(token))).isEmpty();
        assertThat(found(Search.all().having(next))).containsExactly(rotated);
        assertThat(found(Search.all().of(customer).being(DeviceStatus.REMOVED))).containsExactly(stored(replaced));
    }

    @Test
    void a_customer_leads_to_the_customers_devices_in_each_status() {
        Device active = registered(customer, android(aToken()));
        Device invalid = registered(customer, android(token, longAgo()));
        reportInvalid(token);
        Device removed = remove(registered(customer, android(aToken())));
        registered(another, android(aToken()));
        Search search = Search.all().of(customer);

        assertThat(found(search)).containsExactly(active, stored(invalid), removed);
        assertThat(found(search.being(DeviceStatus.ACTIVE))).containsExactly(active);
        assertThat(found(search.being(DeviceStatus.INVALID))).containsExactly(stored(invalid));
        assertThat(found(search.being(DeviceStatus.REMOVED))).containsExactly(removed);
        assertThat(found(search.being(DeviceStatus.ACTIVE, DeviceStatus.REMOVED)))
                .containsExactly(active, removed);
        assertThat(found(search.being())).isEmpty();
    }

    @Test
    void a_type_leads_to_all_customers_devices_of_it() {
        Device one = ofType(customer);
        registered(customer, android(aToken()));
        Device removed = remove(ofType(another));

        assertThat(found(Search.all().ofType(type))).containsExactly(one, removed);
        assertThat(found(Search.all().ofType(type).being(DeviceStatus.ACTIVE))).containsExactly(one);
        assertThat(found(Search.all().ofType(type).of(another))).containsExactly(removed);
        assertThat(found(Search.all().ofType(aType()))).isEmpty();
    }

    @Test
    void times_of_last_being_seen_are_exclusive() {
        Instant next = LONG_AGO.plus(1, ChronoUnit.MICROS);
        Device earlier = ofType(customer, longAgo());
        Device later = ofType(customer, new Observation(next));
        Search search = Search.all().ofType(type);

        assertThat(found(search.seenBefore(next))).containsExactly(earlier);
        assertThat(found(search.seenBefore(LONG_AGO))).isEmpty();
        assertThat(found(search.seenAfter(LONG_AGO))).containsExactly(later);
        assertThat(found(search.seenAfter(next))).isEmpty();
        assertThat(found(search.seenAfter(LONG_AGO.minusNanos(1_000)).seenBefore(next.plusNanos(1_000))))
                .containsExactly(earlier, later);
        assertThat(found(Search.all().of(customer).seenAfter(LONG_AGO))).containsExactly(later);
    }

    @ParameterizedTest
    @EnumSource
    void a_sync_state_leads_to_the_devices_towards_which_the_provider_stands_so(SyncState state) {
        Stream.of(SyncState.values())
                .filter(other -> other != state && other != SyncState.PENDING)
                .forEach(this::inState);
        Device wanted = inState(state);
        if (state != SyncState.PENDING) {
            inState(SyncState.PENDING);
        }
        Search search = Search.all().at(provider, state);

        assertThat(found(search)).containsExactly(wanted);
        assertThat(found(search.of(customer))).containsExactly(wanted);
        assertThat(found(search.of(another))).isEmpty();
        assertThat(found(Search.all().at(provider, state).having(wanted.token())))
                .containsExactly(wanted);
        assertThat(found(Search.all().at(provider, state).ofType(type))).containsExactly(wanted);
        assertThat(found(Search.all().at(provider, state).ofType(Examples.IOS))).isEmpty();
        assertThat(found(Search.all().at(aProvider(), state))).isEmpty();
    }

    @Test
    void a_search_by_sync_state_sees_removed_devices_too() {
        Device removed = remove(inState(SyncState.SYNCED));
        Search search = Search.all().at(provider, SyncState.PENDING);

        assertThat(found(search)).containsExactly(removed);
        assertThat(found(search.being(DeviceStatus.ACTIVE))).isEmpty();
    }

    @Test
    void all_that_is_asked_for_must_be_so() {
        Device wanted = registered(customer, new DeviceRegistration(type, token, null, longAgo()));
        Search search = Search.all()
                .of(customer)
                .having(token)
                .at(provider, SyncState.PENDING)
                .ofType(type)
                .being(DeviceStatus.ACTIVE)
                .seenAfter(LONG_AGO.minusSeconds(1))
                .seenBefore(LONG_AGO.plusSeconds(1));

        assertThat(found(search)).containsExactly(wanted);
        assertThat(found(search.of(another))).isEmpty();
        assertThat(found(search.having(aToken()))).isEmpty();
        assertThat(found(search.at(provider, SyncState.SYNCED))).isEmpty();
        assertThat(found(search.ofType(aType()))).isEmpty();
        assertThat(found(search.being(DeviceStatus.REMOVED))).isEmpty();
        assertThat(found(search.seenAfter(LONG_AGO))).isEmpty();
        assertThat(found(search.seenBefore(LONG_AGO))).isEmpty();
    }

    @Test
    void pages_follow_the_order_of_ids_and_the_last_one_says_so() {
        List<Device> all = Stream.generate(() -> ofType(customer)).limit(5).toList();
        Search search = Search.all().of(customer);

        Page<Device, DeviceId> one = firstPage(search, 2);
        Page<Device, DeviceId> two = page(search, all.get(1).id(), 2);
        Page<Device, DeviceId> three = page(search, all.get(3).id(), 2);

        assertThat(one).isEqualTo(new Page<>(all.subList(0, 2), all.get(1).id()));
        assertThat(two).isEqualTo(new Page<>(all.subList(2, 4), all.get(3).id()));
        assertThat(three).isEqualTo(new Page<>(all.subList(4, 5), null));
        assertThat(all).isSortedAccordingTo((some, other) -> some.id().compareTo(other.id()));
    }

    @Test
    void a_full_page_with_nothing_after_it_is_the_last() {
        List<Device> all = Stream.generate(() -> ofType(customer)).limit(2).toList();

        assertThat(firstPage(Search.all().of(customer), 2)).isEqualTo(new Page<>(all, null));
    }

    @Test
    void nothing_follows_the_last_device() {
        Device device = ofType(customer);

        assertThat(page(Search.all().of(customer), device.id(), 2)).isEqualTo(new Page<>(List.of(), null));
        assertThat(page(Search.all(), new DeviceId(new UUID(-1, -1)), 2)).isEqualTo(new Page<>(List.of(), null));
    }

    @Test
    void pages_go_on_where_they_ended_whatever_came_and_went_meanwhile() {
        List<Device> all = Stream.generate(() -> ofType(customer)).limit(5).toList();
        Search search = Search.all().ofType(type).being(DeviceStatus.ACTIVE);
        assertThat(found(search)).isEqualTo(all);
        DeviceId second = all.get(1).id();

        remove(all.get(0));
        remove(all.get(1));
        remove(all.get(3));
        Device added = ofType(another);

        assertThat(found(search)).containsExactly(all.get(2), all.get(4), added);
        assertThat(page(search, second, 2).items()).containsExactly(all.get(2), all.get(4));
        assertThat(page(search, all.get(4).id(), 2).items()).containsExactly(added);
    }

    @Test
    void what_was_erased_is_not_found() {
        Device held = inState(SyncState.SYNCED);
        Device pending = ofType(customer);
        Device another = ofType(this.another);
        ports().customers().erase(Examples.CALLER, customer);

        assertThat(found(Search.all().of(customer))).isEmpty();
        assertThat(found(Search.all().having(held.token()))).isEmpty();
        assertThat(found(Search.all().having(pending.token()))).isEmpty();
        assertThat(found(Search.all().ofType(type))).containsExactly(another);
        assertThat(found(Search.all().at(provider, SyncState.PENDING))).containsExactly(another);
        assertThat(ports().devices().device(customer, held.id())).isEmpty();
    }

    @Test
    void it_is_known_about_how_many_devices_have_a_status() {
        long active = estimate(DeviceStatus.ACTIVE);
        long removed = estimate(DeviceStatus.REMOVED);
        List<Device> all = Stream.generate(() -> ofType(customer)).limit(3).toList();
        remove(all.getFirst());
        ofType(another);
        ports().customers().erase(Examples.CALLER, another);

        assertThat(estimate(DeviceStatus.ACTIVE)).isEqualTo(active + 2);
        assertThat(estimate(DeviceStatus.REMOVED)).isEqualTo(removed + 1);
        assertThat(estimate(DeviceStatus.ACTIVE, DeviceStatus.REMOVED)).isEqualTo(active + removed + 3);
    }

    private long estimate(DeviceStatus... statuses) {
        return ports().devices().estimate(Set.of(statuses));
    }

    @Test
    void a_device_is_found_with_all_that_is_known_of_it() {
        Device device = registered(customer, ios(token));

        assertThat(found(Search.all().having(token))).containsExactly(device);
        assertThat(found(Search.all().of(customer))).containsExactly(device);
        assertThat(found(Search.all().at(provider, SyncState.PENDING))).containsExactly(device);
    }
}
