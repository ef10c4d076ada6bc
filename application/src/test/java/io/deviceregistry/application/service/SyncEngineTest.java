package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.port.out.ProviderCall.Create;
import io.deviceregistry.application.port.out.ProviderCall.Retire;
import io.deviceregistry.application.port.out.ProviderCall.Update;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.PauseReason;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What goes out, in which order, and when nothing does. */
class SyncEngineTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final SyncScene scene = new SyncScene();

    private List<Device> severalDevices(int count) {
        return scene.register(
                scene.customer,
                Stream.generate(() -> android(aToken())).limit(count).toArray(DeviceRegistration[]::new));
    }

    private static SyncSettings leasing(Duration lease) {
        SyncSettings defaults = SyncScene.SETTINGS;
        return new SyncSettings(
                lease,
                Duration.ofSeconds(1),
                defaults.backoffBase(),
                defaults.backoffCap(),
                defaults.maxStrikes(),
                defaults.breakerThreshold(),
                defaults.probeInterval(),
                defaults.unknownCustomerRetry());
    }

    @Test
    void without_due_devices_a_round_is_idle() {
        assertThat(scene.sync()).isEqualTo(new Round.Idle());
    }

    @Test
    void a_provider_that_is_not_there_cannot_be_synced() {
        SyncEngine engine = scene.engine(SyncScene.SETTINGS, Chance.LOWEST);

        assertThatIllegalArgumentException().isThrownBy(() -> engine.syncNext(aProvider()));
    }

    @Test
    void a_new_device_is_created_once() {
        Device device = scene.register(android(aToken()));

        assertThat(scene.sync()).isEqualTo(new Round.Worked());
        assertThat(scene.sync()).isEqualTo(new Round.Idle());

        assertThat(scene.provider.calls()).containsExactly(new Create(scene.customer, List.of(device)));
        assertThat(scene.standing(device)).isEqualTo(scene.synced(device));
    }

    @Test
    void a_round_is_about_one_customer() {
        Device one = scene.register(android(aToken()));
        Device other = scene.register(aCustomer(), android(aToken())).getFirst();

        scene.sync();

        assertThat(scene.provider.calls()).containsExactly(new Create(one.customer(), List.of(one)));
        assertThat(scene.standing(other)).isEqualTo(scene.untried(Duration.ZERO));
    }

    @Test
    void new_devices_travel_together_as_many_as_the_provider_takes() {
        List<Device> devices = severalDevices(7);

        scene.sync();

        assertThat(scene.provider.calls())
                .containsExactly(
                        new Create(scene.customer, devices.subList(0, 3)),
                        new Create(scene.customer, devices.subList(3, 6)),
                        new Create(scene.customer, devices.subList(6, 7)));
        assertThat(devices)
                .allSatisfy(device -> assertThat(scene.standing(device)).isEqualTo(scene.synced(device)));
    }

    @Test
    void a_changed_device_is_updated_and_keeps_its_remote_id_where_the_provider_gives_no_other() {
        Device before = scene.register(android(aToken()));
        scene.syncAll();
        scene.provider.answers(new Outcome.Accepted(null));
        Device after = scene.register(ios(before.token()));

        scene.syncAll();

        assertThat(scene.provider.calls()).endsWith(new Update(after, scene.held(before)));
        assertThat(scene.standing(after))
                .isEqualTo(new ProviderSync(
                        scene.provider.id(), SyncState.SYNCED, "remote-" + before.id(), 2, 0, null, null, null));
    }

    @Test
    void a_changed_device_takes_the_new_remote_id_where_the_provider_gives_one() {
        Device device = scene.register(android(aToken()));
        scene.syncAll();
        scene.provider.answers(new Outcome.Accepted("another"));
        scene.register(ios(device.token()));

        scene.syncAll();

        assertThat(scene.standing(device).remoteId()).isEqualTo("another");
    }

    @Test
    void a_device_that_changed_and_changed_back_needs_no_call() {
        Device device = scene.register(android(aToken()));
        scene.syncAll();
        scene.register(ios(device.token()));
        scene.register(android(device.token()));

        assertThat(scene.sync()).isEqualTo(new Round.Worked());

        assertThat(scene.provider.calls()).hasSize(1);
        assertThat(scene.standing(device).state()).isEqualTo(SyncState.SYNCED);
        assertThat(scene.standing(device).remoteId()).isEqualTo("remote-" + device.id());
    }

    @Test
    void a_transferred_device_is_retired_before_it_is_created_for_its_new_owner() {
        DeviceToken token = aToken();
        Device former = scene.register(android(token));
        scene.syncAll();
        CustomerId next = aCustomer();
        Device taken = scene.register(next, android(token)).getFirst();

        scene.syncAll();

        assertThat(scene.provider.calls())
                .containsExactly(
                        new Create(scene.customer, List.of(former)),
                        new Retire(Examples.transferredAway(former, scene.clock.instant()), token),
                        new Create(next, List.of(taken)));
        assertThat(scene.standing(former).state()).isEqualTo(SyncState.SYNCED);
        assertThat(scene.standing(former).remoteId()).isNull();
        assertThat(scene.standing(taken)).isEqualTo(scene.synced(taken));
    }

    @Test
    void a_device_that_was_gone_before_the_first_call_is_never_sent() {
        DeviceToken token = aToken();
        Device former = scene.register(android(token));
        Device taken = scene.register(aCustomer(), android(token)).getFirst();

        scene.syncAll();

        assertThat(scene.provider.calls()).containsExactly(new Create(taken.customer(), List.of(taken)));
        assertThat(scene.standing(former).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void within_a_customer_removals_go_first_then_changes_then_what_is_new() {
        scene.provider.answers(new Outcome.NotApplied("not now"));
        Device added = scene.register(android(aToken()));
        scene.sync(Chance.HIGHEST);
        scene.provider.answers((_, device) -> new Outcome.Accepted("remote-" + device));
        Device before = scene.register(android(aToken()));
        Device lost = scene.register(android(aToken()));
        scene.sync();
        Device changed = scene.register(ios(before.token()));
        scene.register(aCustomer(), android(lost.token()));
        Device gone = Examples.transferredAway(lost, scene.clock.instant());
        scene.clock.advance(MINUTE);

        scene.sync();

        assertThat(scene.provider.calls())
                .endsWith(
                        new Retire(gone, lost.token()),
                        new Update(changed, scene.held(before)),
                        new Create(scene.customer, List.of(added)));
    }

    @Test
    void a_type_that_the_provider_does_not_know_is_not_sent_and_harms_no_companion() {
        Device sundial = scene.register(new DeviceRegistration(new DeviceType("sundial"), aToken(), null));
        Device android = scene.register(android(aToken()));

        scene.syncAll();

        assertThat(scene.provider.calls()).containsExactly(new Create(scene.customer, List.of(android)));
        assertThat(scene.standing(android)).isEqualTo(scene.synced(android));
        assertThat(scene.standing(sundial))
                .isEqualTo(scene.failed(
                        SyncState.UNSUPPORTED,
                        SyncReason.TYPE_NOT_SUPPORTED,
                        "Devices of type sundial are not supported",
                        null));
    }

    @Test
    void devices_that_were_refused_together_are_tried_alone_and_only_the_one_at_fault_is_parked() {
        List<Device> devices = severalDevices(5);
        Device bad = devices.get(1);
        scene.provider.answers((call, device) -> call.devices().contains(bad.id())
                ? new Outcome.Rejected("bad request")
                : new Outcome.Accepted("remote-" + device));

        scene.syncAll();

        assertThat(scene.provider.calls())
                .containsExactlyInAnyOrder(
                        new Create(scene.customer, devices.subList(0, 3)),
                        new Create(scene.customer, List.of(devices.get(0))),
                        new Create(scene.customer, List.of(bad)),
                        new Create(scene.customer, List.of(devices.get(2))),
                        new Create(scene.customer, devices.subList(3, 5)));
        assertThat(devices)
                .filteredOn(device -> !device.equals(bad))
                .allSatisfy(device -> assertThat(scene.standing(device)).isEqualTo(scene.synced(device)));
        assertThat(scene.standing(bad))
                .isEqualTo(scene.failed(SyncState.PARKED, SyncReason.REJECTED, "bad request", null));
    }

    @Test
    void of_devices_that_were_sent_together_only_the_refused_one_is_tried_alone() {
        List<Device> devices = severalDevices(3);
        Device bad = devices.get(1);
        scene.provider.answers((_, device) ->
                device.equals(bad.id()) ? new Outcome.Rejected("no") : new Outcome.Accepted("remote-" + device));

        scene.syncAll();

        assertThat(scene.provider.calls())
                .containsExactly(new Create(scene.customer, devices), new Create(scene.customer, List.of(bad)));
        assertThat(scene.standing(devices.get(0))).isEqualTo(scene.synced(devices.get(0)));
        assertThat(scene.standing(bad).state()).isEqualTo(SyncState.PARKED);
    }

    @Test
    void an_update_of_a_device_that_the_provider_lost_becomes_a_creation() {
        Device before = scene.register(android(aToken()));
        scene.syncAll();
        scene.provider.answers((call, _) ->
                call instanceof Create ? new Outcome.Accepted("second") : new Outcome.CustomerUnknown("404"));
        Device after = scene.register(ios(before.token()));

        scene.syncAll();

        assertThat(scene.provider.calls())
                .endsWith(new Update(after, scene.held(before)), new Create(scene.customer, List.of(after)));
        assertThat(scene.standing(after))
                .isEqualTo(new ProviderSync(scene.provider.id(), SyncState.SYNCED, "second", 2, 0, null, null, null));
    }

    @Test
    void an_update_for_a_customer_whom_the_provider_lost_parks_after_the_creation_showed_it() {
        Device device = scene.register(android(aToken()));
        scene.syncAll();
        scene.provider.answers(new Outcome.CustomerUnknown("who?"));
        scene.register(ios(device.token()));

        scene.syncAll();

        assertThat(scene.provider.calls())
                .extracting(ProviderCall::getClass)
                .<Class<?>>map(type -> type)
                .containsExactly(Create.class, Update.class, Create.class);
        assertThat(scene.standing(device).state()).isEqualTo(SyncState.PARKED);
        assertThat(scene.standing(device).reason()).isEqualTo(SyncReason.CUSTOMER_UNKNOWN);
    }

    @Test
    void a_device_that_changes_during_the_call_goes_out_again_as_it_is_then() {
        Device before = scene.register(android(aToken()));
        scene.provider.answers((call, device) -> {
            if (call instanceof Create) {
                scene.register(ios(before.token()));
            }
            return new Outcome.Accepted("remote-" + device);
        });

        scene.syncAll();

        assertThat(scene.provider.calls()).hasSize(2).last().isInstanceOfSatisfying(Update.class, update -> {
            assertThat(update.device().type()).isEqualTo(Examples.IOS);
            assertThat(update.held()).isEqualTo(scene.held(before));
        });
        assertThat(scene.standing(before).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void at_a_closed_gate_nothing_is_sent_and_no_attempt_is_counted() {
        List<Device> devices = severalDevices(4);
        scene.gate.pause(scene.provider.id(), MINUTE, PauseReason.THROTTLED);

        assertThat(scene.sync()).isEqualTo(new Round.Closed(MINUTE));

        assertThat(scene.provider.calls()).isEmpty();
        assertThat(devices)
                .allSatisfy(device -> assertThat(scene.standing(device)).isEqualTo(scene.untried(Duration.ZERO)));
    }

    @Test
    void a_request_that_would_wait_long_for_its_permit_is_given_back() {
        Device first = scene.register(android(aToken()));
        Device second = scene.register(aCustomer(), android(aToken())).getFirst();
        DeviceProvider slow = new Slow(scene.provider);
        SyncEngine engine = new SyncEngine(
                List.of(slow), scene.registry, scene.gate, SyncScene.SETTINGS, Chance.LOWEST, Examples.UNTRACED);

        assertThat(engine.syncNext(slow.id())).isEqualTo(new Round.Worked());
        assertThat(engine.syncNext(slow.id())).isInstanceOf(Round.Closed.class);

        assertThat(scene.provider.calls()).containsExactly(new Create(first.customer(), List.of(first)));
        assertThat(scene.standing(second).attempts()).isZero();
        scene.clock.advance(MINUTE);
        assertThat(engine.syncNext(slow.id())).isEqualTo(new Round.Worked());
        assertThat(scene.standing(second)).isEqualTo(scene.synced(second));
    }

    @Test
    void what_could_outlast_the_lease_is_not_sent_and_no_attempt_is_counted() {
        Device device = scene.register(android(aToken()));
        Duration tooLong =
                SyncScene.SETTINGS.lease().minus(scene.provider.callDeadline()).plusNanos(1);
        SyncEngine late = new SyncEngine(
                List.of(scene.provider),
                scene.registry,
                scene.gate,
                SyncScene.SETTINGS,
                Chance.LOWEST,
                Examples.UNTRACED,
                () -> scene.standing(device).attempts() == 0 ? 0 : tooLong.toNanos());

        Round round = late.syncNext(scene.provider.id());

        assertThat(round).isEqualTo(new Round.Idle());
        assertThat(scene.provider.calls()).isEmpty();
        assertThat(scene.standing(device)).isEqualTo(scene.untried(Duration.ZERO));
    }

    @Test
    void quick_calls_are_claimed_together_and_one_that_fails_does_not_keep_the_others_from_being_sent() {
        List<Device> devices = Stream.generate(
                        () -> scene.register(aCustomer(), android(aToken())).getFirst())
                .limit(100)
                .toList();
        AtomicInteger claims = new AtomicInteger();
        Device unlucky = devices.get(90);
        SyncLedger ledger = (SyncLedger) Proxy.newProxyInstance(
                SyncLedger.class.getClassLoader(), new Class<?>[] {SyncLedger.class}, (_, method, arguments) -> {
                    if (method.getName().equals("lease")) {
                        claims.incrementAndGet();
                    }
                    if (method.getName().equals("settle")
                            && ((SyncLease) arguments[0]).customer().equals(unlucky.customer())) {
                        throw new StoreUnavailableException(new IOException("gone"));
                    }
                    return method.invoke(scene.registry, arguments);
                });
        SyncEngine engine = new SyncEngine(
                List.of(scene.provider),
                ledger,
                scene.gate,
                SyncScene.SETTINGS,
                Chance.LOWEST,
                Examples.UNTRACED,
                () -> 0);

        int failures = 0;
        Round round = new Round.Worked();
        while (!(round instanceof Round.Idle)) {
            try {
                round = engine.syncNext(scene.provider.id());
            } catch (StoreUnavailableException e) {
                failures++;
            }
        }

        assertThat(failures).isOne();
        assertThat(claims.get()).isLessThan(30);
        assertThat(devices)
                .allSatisfy(device -> assertThat(scene.standing(device).state().equals(SyncState.SYNCED))
                        .isEqualTo(!device.equals(unlucky)));
    }

    @Test
    void of_customers_claimed_together_each_is_told_while_what_the_one_before_confirmed_is_still_written() {
        List<Device> devices = Stream.generate(
                        () -> scene.register(aCustomer(), android(aToken())).getFirst())
                .limit(50)
                .toList();
        AtomicReference<CountDownLatch> toBeTold = new AtomicReference<>(new CountDownLatch(0));
        AtomicLong largestClaim = new AtomicLong();
        SyncLedger ledger = (SyncLedger) Proxy.newProxyInstance(
                SyncLedger.class.getClassLoader(), new Class<?>[] {SyncLedger.class}, (_, method, arguments) -> {
                    if (method.getName().equals("settle") && !toBeTold.get().await(10, TimeUnit.SECONDS)) {
                        throw new StoreUnavailableException(new IOException("nobody is told meanwhile"));
                    }
                    Object result = method.invoke(scene.registry, arguments);
                    if (method.getName().equals("lease")) {
                        int customers = ((List<?>) result).size();
                        toBeTold.set(new CountDownLatch(customers));
                        largestClaim.accumulateAndGet(customers, Math::max);
                    }
                    return result;
                });
        scene.provider.answers((_, device) -> {
            toBeTold.get().countDown();
            return new Outcome.Accepted("remote-" + device);
        });
        SyncEngine engine = new SyncEngine(
                List.of(scene.provider),
                ledger,
                scene.gate,
                SyncScene.SETTINGS,
                Chance.LOWEST,
                Examples.UNTRACED,
                () -> 0);

        while (engine.syncNext(scene.provider.id()) instanceof Round.Worked) {}

        assertThat(largestClaim.get()).isGreaterThan(1);
        assertThat(devices)
                .allSatisfy(device -> assertThat(scene.standing(device)).isEqualTo(scene.synced(device)));
    }

    @Test
    void a_process_that_was_frozen_while_it_waited_for_its_permit_sends_nothing() {
        Device first = scene.register(android(aToken()));
        Device second = scene.register(aCustomer(), android(aToken())).getFirst();
        AtomicLong nanos = new AtomicLong();
        DeviceProvider slow = new Slow(scene.provider);
        ProviderGate freezing = (ProviderGate) Proxy.newProxyInstance(
                ProviderGate.class.getClassLoader(), new Class<?>[] {ProviderGate.class}, (_, method, arguments) -> {
                    Object result = method.invoke(scene.gate, arguments);
                    if (method.getName().equals("reserve")) {
                        nanos.addAndGet(SyncScene.SETTINGS.lease().toNanos());
                    }
                    return result;
                });
        SyncEngine frozen = new SyncEngine(
                List.of(slow),
                scene.registry,
                freezing,
                SyncScene.SETTINGS,
                Chance.LOWEST,
                Examples.UNTRACED,
                nanos::get);

        assertThat(frozen.syncNext(slow.id())).isEqualTo(new Round.Idle());

        assertThat(scene.provider.calls()).isEmpty();
        assertThat(List.of(first, second))
                .allSatisfy(device -> assertThat(scene.standing(device)).isEqualTo(scene.untried(Duration.ZERO)));
    }

    @Test
    void when_stopped_during_a_call_it_is_settled_and_the_rest_is_given_back_and_nothing_begins_any_more() {
        List<Device> devices = severalDevices(5);
        Device later = scene.register(aCustomer(), android(aToken())).getFirst();
        SyncEngine engine = scene.engine(SyncScene.SETTINGS, Chance.LOWEST);
        scene.provider.answers((_, device) -> {
            engine.stop();
            return new Outcome.Accepted("remote-" + device);
        });

        engine.syncNext(scene.provider.id());
        assertThat(engine.syncNext(scene.provider.id())).isEqualTo(new Round.Idle());

        assertThat(scene.provider.calls()).hasSize(1);
        List<DeviceId> sent = scene.provider.calls().getFirst().devices();
        assertThat(devices)
                .filteredOn(device -> sent.contains(device.id()))
                .hasSize(3)
                .allSatisfy(device -> assertThat(scene.standing(device)).isEqualTo(scene.synced(device)));
        assertThat(devices)
                .filteredOn(device -> !sent.contains(device.id()))
                .allSatisfy(device -> assertThat(scene.standing(device)).isEqualTo(scene.untried(Duration.ZERO)));
        assertThat(scene.standing(later)).isEqualTo(scene.untried(Duration.ZERO));
    }

    @Test
    void a_lease_that_leaves_less_than_the_settling_delay_besides_a_call_is_refused() {
        Duration enough = scene.provider.callDeadline().plus(SyncScene.SETTINGS.settlingDelay());
        SyncSettings defaults = SyncScene.SETTINGS;
        SyncSettings tooShort = new SyncSettings(
                enough.minusNanos(1),
                defaults.settlingDelay(),
                defaults.backoffBase(),
                defaults.backoffCap(),
                defaults.maxStrikes(),
                defaults.breakerThreshold(),
                defaults.probeInterval(),
                defaults.unknownCustomerRetry());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> scene.engine(tooShort, Chance.LOWEST))
                .withMessageContaining("registry.sync.lease")
                .withMessageContaining("PT15S");
    }

    @Test
    void a_lease_that_leaves_less_than_three_seconds_besides_a_call_is_refused_by_the_name_of_its_key() {
        Duration enough = scene.provider.callDeadline().plusSeconds(3);

        assertThat(scene.engine(leasing(enough), Chance.LOWEST)).isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scene.engine(leasing(enough.minusNanos(1)), Chance.LOWEST))
                .withMessageContaining("registry.sync.lease")
                .withMessageContaining(scene.provider.id().value());
    }

    @Test
    void an_interrupted_worker_gives_back_what_it_has_and_stays_interrupted() {
        Device device = scene.register(android(aToken()));

        Thread.currentThread().interrupt();
        Round round = scene.sync();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(round).isEqualTo(new Round.Idle());
        assertThat(scene.provider.calls()).isEmpty();
        assertThat(scene.standing(device)).isEqualTo(scene.untried(Duration.ZERO));
    }

    /** The provider with a limit of six requests a minute. */
    private record Slow(DeviceProvider provider) implements DeviceProvider {
        @Override
        public ProviderId id() {
            return provider.id();
        }

        @Override
        public boolean supports(DeviceType type) {
            return provider.supports(type);
        }

        @Override
        public int requestsPerMinute() {
            return 6;
        }

        @Override
        public int maxDevicesPerCall() {
            return provider.maxDevicesPerCall();
        }

        @Override
        public Duration callDeadline() {
            return provider.callDeadline();
        }

        @Override
        public Map<DeviceId, Outcome> apply(ProviderCall call) {
            return provider.apply(call);
        }
    }
}
