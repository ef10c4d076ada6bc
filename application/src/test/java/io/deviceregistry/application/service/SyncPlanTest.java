package io.deviceregistry.application.service;

import static io.deviceregistry.application.service.Tasks.CUSTOMER;
import static io.deviceregistry.application.service.Tasks.device;
import static io.deviceregistry.application.service.Tasks.held;
import static io.deviceregistry.application.service.Tasks.task;
import static io.deviceregistry.application.service.Tasks.unconfirmed;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.ProviderCall.Create;
import io.deviceregistry.application.port.out.ProviderCall.Retire;
import io.deviceregistry.application.port.out.ProviderCall.Update;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryProvider;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.SyncReason;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SyncPlanTest {
    private final Device device = device(android(aToken()));

    /** Supports {@code android} and {@code ios}, and takes three devices in a call. */
    private static SyncPlan plan(SyncTask... tasks) {
        return SyncPlan.of(CUSTOMER, List.of(tasks), new InMemoryProvider(aProvider()));
    }

    private static Settlement settled(Device device, Settlement.Verdict verdict) {
        return new Settlement(device.id(), device.version(), verdict);
    }

    @Test
    void a_device_that_the_provider_does_not_hold_is_created() {
        assertThat(plan(task(device, null)))
                .isEqualTo(new SyncPlan(List.of(new Create(CUSTOMER, List.of(device))), List.of()));
    }

    @Test
    void a_device_that_the_provider_holds_with_another_type_or_token_is_updated() {
        Holding otherType = new Holding("r", Examples.IOS, device.token());
        Holding otherToken = new Holding("r", device.type(), aToken());

        assertThat(plan(task(device, otherType)))
                .isEqualTo(new SyncPlan(List.of(new Update(device, otherType)), List.of()));
        assertThat(plan(task(device, otherToken)))
                .isEqualTo(new SyncPlan(List.of(new Update(device, otherToken)), List.of()));
    }

    @Test
    void a_device_that_the_provider_holds_as_it_is_needs_nothing() {
        assertThat(plan(task(device, held(device))))
                .isEqualTo(new SyncPlan(List.of(), List.of(settled(device, new Settlement.Synced(held(device))))));
    }

    @Test
    void a_device_that_is_gone_is_retired_by_the_token_that_the_provider_knows() {
        Device gone = Examples.transferredAway(device, Instant.EPOCH);
        Holding known = new Holding("r", device.type(), aToken());

        assertThat(plan(task(gone, known)))
                .isEqualTo(new SyncPlan(List.of(new Retire(gone, known.token())), List.of()));
    }

    @Test
    void a_device_that_is_gone_before_the_provider_heard_of_it_needs_nothing() {
        Device gone = Examples.transferredAway(device, Instant.EPOCH);

        assertThat(plan(task(gone, null)))
                .isEqualTo(new SyncPlan(List.of(), List.of(settled(gone, new Settlement.Synced(null)))));
    }

    @Test
    void a_device_that_is_gone_is_retired_where_the_provider_may_have_heard_of_it() {
        Device gone = Examples.transferredAway(device, Instant.EPOCH);

        assertThat(plan(unconfirmed(gone))).isEqualTo(new SyncPlan(List.of(new Retire(gone, gone.token())), List.of()));
    }

    @Test
    void a_device_of_a_type_that_the_provider_does_not_know_is_not_sent() {
        Device sundial = device(new DeviceRegistration(new DeviceType("sundial"), aToken(), null));

        assertThat(plan(task(sundial, null)))
                .isEqualTo(new SyncPlan(
                        List.of(),
                        List.of(settled(
                                sundial,
                                new Settlement.Unsupported(
                                        SyncReason.TYPE_NOT_SUPPORTED, "Devices of type sundial are not supported")))));
    }

    @Test
    void a_device_that_is_gone_is_retired_whatever_its_type() {
        Device before = device(new DeviceRegistration(new DeviceType("sundial"), aToken(), null));
        Device gone = Examples.transferredAway(before, Instant.EPOCH);

        assertThat(plan(task(gone, held(before))).calls()).containsExactly(new Retire(gone, gone.token()));
    }

    @Test
    void what_must_disappear_goes_first_then_changes_then_what_is_new() {
        Device changed = device.registeredAgain(ios(device.token()), Instant.EPOCH);
        Device before = device(android(aToken()));
        Device gone = Examples.transferredAway(before, Instant.EPOCH);
        Device added = device(android(aToken()));

        SyncPlan plan = plan(task(added, null), task(changed, held(device)), task(gone, held(before)));

        assertThat(plan.calls())
                .containsExactly(
                        new Retire(gone, gone.token()),
                        new Update(changed, held(device)),
                        new Create(CUSTOMER, List.of(added)));
    }

    @Test
    void new_devices_travel_together_as_many_as_the_provider_takes() {
        List<Device> added =
                Stream.generate(() -> device(android(aToken()))).limit(7).toList();

        SyncPlan plan = plan(added.stream().map(one -> task(one, null)).toArray(SyncTask[]::new));

        assertThat(plan.calls())
                .containsExactly(
                        new Create(CUSTOMER, added.subList(0, 3)),
                        new Create(CUSTOMER, added.subList(3, 6)),
                        new Create(CUSTOMER, added.subList(6, 7)));
    }
}
