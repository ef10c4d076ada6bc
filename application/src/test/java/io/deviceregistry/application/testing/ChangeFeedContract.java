package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.longAgo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.port.out.Changes;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ChangeKind;
import io.deviceregistry.domain.ChangesGoneException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceChange;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What {@link ChangeFeed} promises. */
public abstract class ChangeFeedContract extends RegistryContract {
    private static final int PAGE = 1_000;

    private final CustomerId customer = aCustomer();
    private final DeviceToken token = aToken();

    protected abstract ChangeFeed feed();

    /** All that follow a position, page by page, with where the last page ended. */
    private Changes all(@Nullable ChangeCursor after) {
        List<DeviceChange> all = new ArrayList<>();
        Changes page = feed().changes(after, PAGE);
        while (!page.changes().isEmpty()) {
            all.addAll(page.changes());
            page = feed().changes(page.next(), PAGE);
        }
        return new Changes(all, page.next());
    }

    /** Those of this test's customer, once there are as many. */
    private List<DeviceChange> awaitOwn(@Nullable ChangeCursor after, int number) {
        return await().atMost(Duration.ofSeconds(10)).until(() -> own(after), own -> own.size() >= number);
    }

    private List<DeviceChange> own(@Nullable ChangeCursor after) {
        return all(after).changes().stream()
                .filter(change -> change.customer().equals(customer))
                .toList();
    }

    @Test
    void each_version_of_a_device_is_told_with_its_kind_and_who_made_it_in_their_order() {
        ChangeCursor begin = feed().end();
        Caller shop = new Caller("shop");
        Device device = ports().devices()
                .change(
                        new Writing(shop, Set.of(provider), SyncLane.FRESH, null),
                        Scope.EMPTY.withRegistrations(customer, List.of(android(token, longAgo()))),
                        registry -> registry.register(customer, android(token, longAgo()), Examples.MANY))
                .device();
        rotate(device, aToken());
        reportInvalid(stored(device).token());
        remove(device);
        registered(customer, android(stored(device).token()));

        List<DeviceChange> own = awaitOwn(begin, 4);

        assertThat(own).extracting(DeviceChange::kind).startsWith(ChangeKind.REGISTERED, ChangeKind.CHANGED);
        assertThat(own).extracting(DeviceChange::kind).endsWith(ChangeKind.REMOVED, ChangeKind.REACTIVATED);
        assertThat(own).extracting(DeviceChange::version).isSorted().startsWith(1L, 2L);
        assertThat(own).extracting(DeviceChange::device).containsOnly(device.id());
        assertThat(own.getFirst().caller()).isEqualTo(shop);
        assertThat(own.getLast().caller()).isEqualTo(Examples.CALLER);
        assertThat(own.getLast().changedAt()).isAfter(Instant.now().minus(LONG));
    }

    @Test
    void what_changes_nothing_that_is_told_or_throws_is_not_told() {
        Device device = registered(customer, android(token));
        awaitOwn(null, 1);
        ChangeCursor begin = feed().end();

        registered(customer, android(token));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> change(Scope.EMPTY.withTokens(customer, List.of(aToken(), token)), registry -> {
                    registry.remove(customer, token, Observation.ON_ARRIVAL);
                    throw new IllegalStateException("undone");
                }));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(
                        () -> ports().answers().exclusively(new RequestKey("caller", "operation", token.value()), _ -> {
                            remove(device);
                            throw new IllegalStateException("undone");
                        }));
        registered(customer, android(aToken()));

        assertThat(awaitOwn(begin, 1)).singleElement().returns(ChangeKind.REGISTERED, DeviceChange::kind);
    }

    @Test
    void who_lost_a_token_is_told_and_who_was_erased_too() {
        CustomerId another = aCustomer();
        ChangeCursor begin = feed().end();
        registered(customer, android(token));
        Device taken = registered(another, android(token));
        ports().customers().erase(Examples.CALLER, another);
        registered(customer, android(aToken()));

        awaitOwn(begin, 3);

        assertThat(own(begin))
                .extracting(DeviceChange::kind)
                .containsExactly(ChangeKind.REGISTERED, ChangeKind.REMOVED, ChangeKind.REGISTERED);
        assertThat(all(begin).changes())
                .filteredOn(change -> change.device().equals(taken.id()))
                .extracting(DeviceChange::kind)
                .containsExactly(ChangeKind.REGISTERED, ChangeKind.ERASED);
    }

    @Test
    void pages_follow_each_other_and_the_last_position_stays_where_nothing_follows() {
        ChangeCursor begin = feed().end();
        Examples.register(
                ports().devices(),
                customer,
                List.of(android(aToken()), android(aToken()), android(aToken())),
                Set.of(provider));
        List<DeviceChange> whole = awaitOwn(begin, 3);
        List<DeviceChange> told = all(begin).changes();

        List<DeviceChange> one = new ArrayList<>();
        ChangeCursor position = begin;
        for (int i = 0; i < told.size(); i++) {
            Changes page = feed().changes(position, 1);
            one.addAll(page.changes());
            position = page.next();
        }

        assertThat(whole).hasSize(3);
        assertThat(one).isEqualTo(told);
        assertThat(all(position)).isEqualTo(new Changes(List.of(), position));
    }

    @Test
    void without_a_position_the_oldest_kept_come_first() {
        Device device = registered(customer, android(token));
        awaitOwn(null, 1);
        registered(aCustomer(), android(aToken()));

        Changes first = feed().changes(null, 1);

        assertThat(first.changes()).hasSize(1);
        assertThat(all(null).changes()).startsWith(first.changes().getFirst());
        assertThat(own(null)).extracting(DeviceChange::device).containsExactly(device.id());
    }

    @Test
    void the_end_is_before_what_comes_later_and_behind_what_was_told() {
        registered(customer, android(token));
        awaitOwn(null, 1);

        ChangeCursor end = feed().end();
        assertThat(own(end)).isEmpty();
        registered(customer, android(aToken()));

        assertThat(awaitOwn(end, 1)).hasSize(1);
        assertThat(feed().end()).isNotEqualTo(end);
    }

    @Test
    void a_position_of_another_store_is_refused() {
        assertThatExceptionOfType(ChangesGoneException.class)
                .isThrownBy(() -> feed().changes(new ChangeCursor(UUID.randomUUID(), 0, 0), 1))
                .withMessageContaining("read all devices anew");
    }

    @Test
    void a_position_that_no_change_can_have_yet_is_refused() {
        ChangeCursor end = feed().end();

        assertThatExceptionOfType(ChangesGoneException.class)
                .isThrownBy(() -> feed().changes(new ChangeCursor(end.generation(), Long.MAX_VALUE, 0), 1));
    }
}
