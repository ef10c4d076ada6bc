package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the ledger shows after each outcome of a call, and when the next attempt is. */
class SyncEngineOutcomesTest {
    private static final SyncSettings SETTINGS = SyncScene.SETTINGS;

    private final SyncScene scene = new SyncScene();

    private Duration nextAttemptIn(Device device) {
        return Duration.between(
                scene.clock.instant(),
                Objects.requireNonNull(scene.standing(device).nextAttemptAt()));
    }

    /** The waits after so many failed attempts in a row. */
    private List<Duration> waitsOf(Device device, Chance chance, int attempts) {
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < attempts; i++) {
            assertThat(scene.sync(chance)).isEqualTo(new Round.Worked());
            waits.add(nextAttemptIn(device));
            scene.clock.advance(nextAttemptIn(device));
        }
        return waits;
    }

    @Test
    void rejected_parks_until_something_changes() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.Rejected("invalid token"));

        scene.syncAll();

        assertThat(scene.standing(device))
                .isEqualTo(scene.failed(SyncState.PARKED, SyncReason.REJECTED, "invalid token", null));
        scene.clock.advance(Duration.ofDays(365));
        assertThat(scene.sync()).isEqualTo(new Round.Idle());
        scene.register(ios(device.token()));
        assertThat(scene.sync()).isEqualTo(new Round.Worked());
    }

    @Test
    void an_unknown_customer_parks_and_is_tried_again_slowly() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.CustomerUnknown("no such customer"));

        scene.syncAll();

        assertThat(scene.standing(device))
                .isEqualTo(scene.failed(
                        SyncState.PARKED,
                        SyncReason.CUSTOMER_UNKNOWN,
                        "no such customer",
                        SETTINGS.unknownCustomerRetry()));
        scene.clock.advance(SETTINGS.unknownCustomerRetry());
        scene.provider.answers(new Outcome.Accepted("known at last"));
        scene.syncAll();
        assertThat(scene.standing(device))
                .isEqualTo(new ProviderSync(
                        scene.provider.id(), SyncState.SYNCED, "known at last", 2, 0, null, null, null));
    }

    @Test
    void a_customer_who_stays_unknown_is_tried_ever_more_rarely_but_once_a_day_at_least() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.CustomerUnknown("no such customer"));
        List<Long> waits = new ArrayList<>();

        for (int i = 0; i < 10; i++) {
            scene.syncAll();
            Duration wait = Duration.between(
                    scene.clock.instant(), requireNonNull(scene.standing(device).nextAttemptAt()));
            waits.add(wait.dividedBy(SETTINGS.unknownCustomerRetry()));
            scene.clock.advance(wait);
        }

        assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 144L, 144L);
    }

    @Test
    void a_retirement_for_an_unknown_customer_is_done() {
        Device device = scene.register(android(aToken()));
        scene.syncAll();
        scene.register(aCustomer(), android(device.token()));
        scene.provider.answers(new Outcome.CustomerUnknown("no such customer"));

        scene.sync();

        assertThat(scene.standing(device))
                .isEqualTo(new ProviderSync(scene.provider.id(), SyncState.SYNCED, null, 2, 0, null, null, null));
    }

    @Test
    void a_retirement_that_the_provider_cannot_do_is_unsupported_and_what_it_holds_stays_known() {
        Device device = scene.register(android(aToken()));
        scene.syncAll();
        scene.register(aCustomer(), android(device.token()));
        scene.provider.answers(new Outcome.Unsupported("no such call"));

        scene.sync();

        assertThat(scene.standing(device))
                .isEqualTo(new ProviderSync(
                        scene.provider.id(),
                        SyncState.UNSUPPORTED,
                        "remote-" + device.id(),
                        2,
                        0,
                        SyncReason.RETIRE_NOT_SUPPORTED,
                        "no such call",
                        null));
    }

    @Test
    void a_device_that_the_provider_cannot_know_is_unsupported_because_of_its_type() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.Unsupported("no android here"));

        scene.sync();

        assertThat(scene.standing(device))
                .isEqualTo(new ProviderSync(
                        scene.provider.id(),
                        SyncState.UNSUPPORTED,
                        null,
                        1,
                        0,
                        SyncReason.TYPE_NOT_SUPPORTED,
                        "no android here",
                        null));
    }

    @Test
    void a_providers_id_is_kept_without_the_token_and_without_what_a_database_refuses() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(
                new Outcome.Accepted("id\u0000of-" + device.token().value()));

        scene.sync();

        assertThat(scene.standing(device).remoteId()).isEqualTo("id of-***");
    }

    @Test
    void throttled_waits_as_long_as_asked_and_pauses_the_provider_for_everybody() {
        Duration asked = Duration.ofSeconds(7);
        Device device = scene.register(android(aToken()));
        Device other = scene.register(aCustomer(), android(aToken())).getFirst();
        scene.provider.answers(new Outcome.Throttled(asked, "slow down"));

        assertThat(scene.sync()).isEqualTo(new Round.Worked());
        assertThat(scene.sync()).isEqualTo(new Round.Closed(asked));

        assertThat(scene.provider.calls()).hasSize(1);
        assertThat(scene.standing(device))
                .isEqualTo(scene.failed(SyncState.PENDING, SyncReason.THROTTLED, "slow down", asked));
        assertThat(scene.standing(other)).isEqualTo(scene.untried(Duration.ZERO));
        scene.clock.advance(asked);
        scene.provider.answers(new Outcome.Accepted(null));
        scene.syncAll();
        assertThat(scene.standing(device).state()).isEqualTo(SyncState.SYNCED);
        assertThat(scene.standing(other).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void throttled_gives_back_the_calls_that_were_to_follow() {
        List<Device> devices = scene.register(
                scene.customer, android(aToken()), android(aToken()), android(aToken()), android(aToken()));
        scene.provider.answers(new Outcome.Throttled(Duration.ofSeconds(7), "slow down"));

        assertThat(scene.sync()).isEqualTo(new Round.Closed(Duration.ofSeconds(7)));

        assertThat(scene.provider.calls()).hasSize(1);
        assertThat(devices)
                .extracting(device -> scene.standing(device).attempts())
                .containsExactly(1, 1, 1, 0);
    }

    @Test
    void unauthorized_pauses_the_provider_for_everybody_until_the_next_probe() {
        Duration pause = SETTINGS.probeInterval();
        Device device = scene.register(android(aToken()));
        Device other = scene.register(aCustomer(), android(aToken())).getFirst();
        scene.provider.answers(new Outcome.Unauthorized("bad key"));

        assertThat(scene.sync()).isEqualTo(new Round.Worked());
        assertThat(scene.sync()).isEqualTo(new Round.Closed(pause));

        assertThat(scene.provider.calls()).hasSize(1);
        assertThat(scene.standing(device))
                .isEqualTo(scene.failed(SyncState.PENDING, SyncReason.UNAUTHORIZED, "bad key", pause));
        assertThat(scene.standing(other)).isEqualTo(scene.untried(Duration.ZERO));
        scene.clock.advance(pause);
        assertThat(scene.sync()).isEqualTo(new Round.Worked());
    }

    static Stream<Outcome> outcomesAboutOneRequestOnly() {
        return Stream.of(
                new Outcome.Accepted(null),
                new Outcome.Rejected("no"),
                new Outcome.CustomerUnknown("no"),
                new Outcome.Unsupported("no"),
                new Outcome.NotApplied("no"),
                new Outcome.Unconfirmed("no"));
    }

    @ParameterizedTest
    @MethodSource("outcomesAboutOneRequestOnly")
    void no_other_outcome_pauses_the_provider(Outcome answer) {
        scene.register(android(aToken()));
        scene.register(aCustomer(), android(aToken()));
        scene.provider.answers(answer);

        scene.sync(Chance.HIGHEST);
        scene.sync(Chance.HIGHEST);

        assertThat(scene.provider.calls()).hasSize(2);
    }

    @Test
    void not_applied_is_no_unconfirmed_attempt() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.NotApplied("connection refused"));

        scene.sync(Chance.HIGHEST);

        assertThat(scene.standing(device))
                .isEqualTo(scene.failed(
                        SyncState.PENDING, SyncReason.UNREACHABLE, "connection refused", SETTINGS.backoffBase()));
    }

    @Test
    void waits_grow_with_every_failure_up_to_the_cap() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.NotApplied("connection refused"));

        assertThat(waitsOf(device, Chance.HIGHEST, 8))
                .extracting(Duration::toSeconds)
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    }

    @Test
    void waits_are_spread_down_to_nothing_so_that_retries_do_not_come_in_waves() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.NotApplied("connection refused"));

        assertThat(waitsOf(device, Chance.LOWEST, 8)).containsOnly(Duration.ZERO);
    }

    @Test
    void a_success_makes_the_next_waits_short_again() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.NotApplied("connection refused"));
        waitsOf(device, Chance.HIGHEST, 5);
        scene.provider.answers(new Outcome.Accepted(null));
        scene.syncAll();

        scene.register(ios(device.token()));
        scene.provider.answers(new Outcome.NotApplied("connection refused"));

        assertThat(waitsOf(device, Chance.HIGHEST, 2)).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @Test
    void unconfirmed_is_counted_for_good() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.Unconfirmed("read timed out"));

        scene.sync();

        assertThat(scene.standing(device))
                .isEqualTo(new ProviderSync(
                        scene.provider.id(),
                        SyncState.PENDING,
                        null,
                        1,
                        1,
                        SyncReason.UNCONFIRMED,
                        "read timed out",
                        scene.clock.instant().plus(SETTINGS.settlingDelay())));
        scene.clock.advance(SETTINGS.settlingDelay());
        scene.provider.answers(new Outcome.Accepted(null));
        scene.syncAll();
        assertThat(scene.standing(device))
                .isEqualTo(new ProviderSync(scene.provider.id(), SyncState.SYNCED, null, 2, 1, null, null, null));
    }

    @Test
    void unconfirmed_waits_at_least_until_the_attempt_can_no_longer_take_effect() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.Unconfirmed("read timed out"));

        assertThat(waitsOf(device, Chance.LOWEST, 3)).containsOnly(SETTINGS.settlingDelay());
        assertThat(waitsOf(device, Chance.HIGHEST, 2))
                .extracting(Duration::toSeconds)
                .containsExactly(15L, 16L);
    }

    @Test
    void an_adapter_that_throws_leaves_the_outcome_unknown_and_its_message_is_not_kept() {
        List<Device> devices = scene.register(scene.customer, android(aToken()), android(aToken()));
        scene.provider.answers((_, _) -> {
            throw new IllegalStateException(
                    "could not send " + devices.getFirst().token().value());
        });

        assertThat(scene.sync()).isEqualTo(new Round.Worked());

        assertThat(devices).allSatisfy(device -> {
            assertThat(scene.standing(device).state()).isEqualTo(SyncState.PENDING);
            assertThat(scene.standing(device).reason()).isEqualTo(SyncReason.UNCONFIRMED);
            assertThat(scene.standing(device).unconfirmedAttempts()).isEqualTo(1);
            assertThat(scene.standing(device).lastError()).isEqualTo("java.lang.IllegalStateException");
            assertThat(nextAttemptIn(device)).isEqualTo(SETTINGS.settlingDelay());
        });
    }

    @Test
    void a_device_of_which_the_adapter_says_nothing_is_unconfirmed() {
        List<Device> devices = scene.register(scene.customer, android(aToken()), android(aToken()));
        DeviceProvider forgetful =
                new Forgetful(scene.provider.id(), Map.of(devices.getFirst().id(), new Outcome.Accepted(null)));

        new SyncEngine(List.of(forgetful), scene.registry, scene.gate, SETTINGS, Chance.LOWEST, Examples.UNTRACED)
                .syncNext(forgetful.id());

        assertThat(scene.standing(devices.get(0)).state()).isEqualTo(SyncState.SYNCED);
        assertThat(scene.standing(devices.get(1)).reason()).isEqualTo(SyncReason.UNCONFIRMED);
        assertThat(scene.standing(devices.get(1)).unconfirmedAttempts()).isEqualTo(1);
    }

    static Stream<Named<Function<String, Outcome>>> outcomesWithWords() {
        return Stream.of(
                named("Rejected", Outcome.Rejected::new),
                named("CustomerUnknown", Outcome.CustomerUnknown::new),
                named("Unsupported", Outcome.Unsupported::new),
                named("Throttled", words -> new Outcome.Throttled(Duration.ZERO, words)),
                named("NotApplied", Outcome.NotApplied::new),
                named("Unconfirmed", Outcome.Unconfirmed::new),
                named("Unauthorized", Outcome.Unauthorized::new));
    }

    @ParameterizedTest
    @MethodSource("outcomesWithWords")
    void every_token_in_a_providers_words_is_masked(Function<String, Outcome> outcome) {
        Device device = scene.register(android(aToken()));
        Device companion = scene.register(android(aToken()));
        scene.provider.answers(outcome.apply(
                device.token().value() + " or " + companion.token().value() + " is bad"));

        scene.sync();

        assertThat(scene.standing(device).lastError()).isEqualTo("*** or *** is bad");
        assertThat(scene.standing(companion).lastError()).isEqualTo("*** or *** is bad");
    }

    @Test
    void the_token_that_the_provider_holds_is_masked_too() {
        Device device = scene.register(android(aToken()));
        scene.syncAll();
        scene.register(aCustomer(), android(device.token()));
        scene.provider.answers(
                new Outcome.Rejected("cannot delete " + device.token().value()));

        scene.sync();

        assertThat(scene.standing(device).lastError()).isEqualTo("cannot delete ***");
    }

    @Test
    void long_words_are_cut() {
        Device device = scene.register(android(aToken()));
        scene.provider.answers(new Outcome.Rejected("x".repeat(100_000)));

        scene.sync();

        assertThat(scene.standing(device).lastError()).isEqualTo("x".repeat(500));
    }

    /** Answers with what it was given, whatever it was asked. */
    private record Forgetful(ProviderId id, Map<DeviceId, Outcome> answer) implements DeviceProvider {
        @Override
        public boolean supports(DeviceType type) {
            return true;
        }

        @Override
        public int requestsPerMinute() {
            return 0;
        }

        @Override
        public int maxDevicesPerCall() {
            return 100;
        }

        @Override
        public Duration callDeadline() {
            return Duration.ofSeconds(1);
        }

        @Override
        public Map<DeviceId, Outcome> apply(ProviderCall call) {
            return answer;
        }
    }
}
