package io.deviceregistry.application.service;

import static io.deviceregistry.application.service.SyncScene.SETTINGS;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.ListsDevices.Listing;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Doubt;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is done about attempts of which nobody knows what came of them. */
class SyncEngineDoubtsTest {
    private static final Outcome LOST = new Outcome.Unconfirmed("read timed out");

    private final SyncScene scene = new SyncScene();
    private final RemoteStore provider = new RemoteStore();
    private final CustomerId customer = aCustomer();
    private final SyncEngine engine =
            new SyncEngine(List.of(provider), scene.registry, scene.gate, SETTINGS, Chance.LOWEST, Examples.UNTRACED);

    private Device register(DeviceRegistration registration) {
        return register(customer, registration);
    }

    private Device register(CustomerId owner, DeviceRegistration registration) {
        return Examples.register(scene.registry, owner, List.of(registration), Set.of(provider.id()))
                .getFirst()
                .device();
    }

    private ProviderSync standing(Device device) {
        return scene.registry
                .standing(device.customer(), device.id())
                .orElseThrow()
                .getFirst();
    }

    private Round sync() {
        return engine.syncNext(provider.id());
    }

    private void syncAll() {
        while (sync() instanceof Round.Worked) {
            assertThat(provider.requests()).hasSizeLessThan(100);
        }
    }

    private void answersGetLost() {
        provider.answer = _ -> LOST;
    }

    private void answersArrive() {
        provider.answer = outcome -> outcome;
    }

    private void syncAfterTheSettlingDelay() {
        answersArrive();
        scene.clock.advance(SETTINGS.settlingDelay());
        sync();
    }

    @Test
    void what_arrived_though_its_answer_was_lost_is_not_sent_again() {
        Device device = register(android(aToken()));
        answersGetLost();
        sync();
        assertThat(sync()).isEqualTo(new Round.Idle());

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).containsExactly("Create", "LIST");
        assertThat(standing(device))
                .isEqualTo(new ProviderSync(provider.id(), SyncState.SYNCED, "remote-0", 2, 1, null, null, null));
    }

    @Test
    void what_did_not_arrive_is_sent_again() {
        Device device = register(android(aToken()));
        provider.refusal = new Outcome.Unconfirmed("HTTP 500");
        sync();
        provider.refusal = null;

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).containsExactly("Create", "LIST", "Create");
        assertThat(provider.tokensOf(customer)).containsExactly(device.token());
        assertThat(standing(device).unconfirmedAttempts()).isEqualTo(1);
    }

    @Test
    void of_devices_that_were_sent_together_only_what_is_missing_is_sent_again() {
        Device arrived = register(android(aToken()));
        Device missing = register(android(aToken()));
        provider.refusal = new Outcome.Unconfirmed("HTTP 500");
        sync();
        provider.refusal = null;
        provider.holds(customer, arrived.type(), arrived.token());

        syncAfterTheSettlingDelay();

        assertThat(provider.tokensOf(customer)).containsExactly(arrived.token(), missing.token());
        assertThat(standing(arrived).state()).isEqualTo(SyncState.SYNCED);
        assertThat(standing(missing).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_crash_after_the_claim_is_a_doubt_too() {
        Device device = register(android(aToken()));
        scene.registry.lease(provider.id(), SyncLane.FRESH, SETTINGS.lease(), 1);
        provider.holds(customer, device.type(), device.token());
        scene.clock.advance(SETTINGS.lease());

        sync();

        assertThat(provider.requests()).containsExactly("LIST");
        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void an_update_that_arrived_is_found_under_the_new_token() {
        Device device = register(android(aToken()));
        sync();
        answersGetLost();
        Device rotated = rotate(device);
        sync();

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).containsExactly("Create", "Update", "LIST");
        assertThat(provider.tokensOf(customer)).containsExactly(rotated.token());
        assertThat(standing(rotated).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void an_update_that_did_not_arrive_is_repeated_by_the_old_token() {
        Device device = register(android(aToken()));
        sync();
        provider.refusal = new Outcome.Unconfirmed("HTTP 500");
        Device rotated = rotate(device);
        sync();
        provider.refusal = null;

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).containsExactly("Create", "Update", "LIST", "Update");
        assertThat(provider.tokensOf(customer)).containsExactly(rotated.token());
    }

    private Device rotate(Device device) {
        DeviceToken next = aToken();
        return scene.registry.change(
                Examples.writing(Set.of(provider.id())),
                Scope.EMPTY.withTokens(device.customer(), List.of(device.token(), next)),
                registry ->
                        registry.rotate(device.customer(), device.token(), Examples.rotationTo(next), Examples.MANY));
    }

    @Test
    void a_creation_that_arrived_before_the_token_changed_is_found_under_the_former_token() {
        Device device = register(android(aToken()));
        answersGetLost();
        sync();
        Device rotated = rotate(device);

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).containsExactly("Create", "LIST", "Update");
        assertThat(provider.tokensOf(customer)).containsExactly(rotated.token());
        assertThat(standing(rotated).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void an_update_that_arrived_before_the_token_changed_again_is_found_under_the_token_in_between() {
        Device device = register(android(aToken()));
        sync();
        answersGetLost();
        Device rotated = rotate(device);
        sync();
        Device again = rotate(rotated);

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).containsExactly("Create", "Update", "LIST", "Update");
        assertThat(provider.tokensOf(customer)).containsExactly(again.token());
    }

    @Test
    void a_device_that_changed_its_token_and_was_removed_while_in_doubt_is_retired_under_the_token_that_arrived() {
        Device device = register(android(aToken()));
        answersGetLost();
        sync();
        Device rotated = rotate(device);
        register(aCustomer(), android(rotated.token()));

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).startsWith("Create", "LIST", "Retire");
        assertThat(provider.tokensOf(customer)).isEmpty();
    }

    @Test
    void a_type_that_differs_is_mended() {
        Device device = register(android(aToken()));
        answersGetLost();
        sync();
        Device changed = register(ios(device.token()));

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).containsExactly("Create", "LIST", "Update");
        assertThat(standing(changed).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_removed_device_is_retired_only_if_it_had_arrived() {
        Device arrived = register(android(aToken()));
        answersGetLost();
        sync();
        register(aCustomer(), android(arrived.token()));
        Device lost = register(android(aToken()));
        provider.refusal = new Outcome.Unconfirmed("HTTP 500");
        sync();
        register(aCustomer(), android(lost.token()));
        provider.refusal = null;

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).contains("LIST").containsOnlyOnce("Retire");
        assertThat(provider.tokensOf(customer)).isEmpty();
        assertThat(standing(arrived).state()).isEqualTo(SyncState.SYNCED);
        assertThat(standing(lost).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_retirement_that_arrived_is_not_repeated() {
        Device device = register(android(aToken()));
        sync();
        register(aCustomer(), android(device.token()));
        answersGetLost();
        sync();

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).startsWith("Create", "Retire", "LIST").containsOnlyOnce("Retire");
        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
        assertThat(standing(device).remoteId()).isNull();
    }

    @Test
    void while_the_question_is_not_answered_nothing_is_sent_again_and_companions_go_without_it() {
        Device device = register(android(aToken()));
        answersGetLost();
        sync();
        answersArrive();
        provider.listingFailure = new Listing.Failed(new Outcome.Unconfirmed("HTTP 503"));
        Device companion = register(android(aToken()));
        scene.clock.advance(SETTINGS.settlingDelay());

        sync();
        new SyncEngine(List.of(provider), scene.registry, scene.gate, SETTINGS, Chance.HIGHEST, Examples.UNTRACED)
                .syncNext(provider.id());

        assertThat(provider.requests()).startsWith("Create", "LIST").containsOnlyOnce("Create");
        assertThat(standing(device).reason()).isEqualTo(SyncReason.UNCONFIRMED);
        assertThat(standing(device).unconfirmedAttempts()).isEqualTo(1);
        assertThat(standing(companion).unconfirmedAttempts()).isZero();
        assertThat(standing(companion).attempts()).isZero();
        provider.listingFailure = null;
        scene.clock.advance(Duration.ofMinutes(1));
        sync();
        assertThat(provider.tokensOf(customer)).containsExactly(device.token(), companion.token());
    }

    @Test
    void a_provider_that_cannot_be_asked_is_sent_everything_again_so_many_times_and_then_it_is_parked() {
        provider.listingOffered = false;
        register(aCustomer(), android(aToken()));
        syncAll();
        provider.refusal = new Outcome.Unconfirmed("HTTP 500");
        provider.refused = customer;
        Device device = register(android(aToken()));

        for (int i = 0; i < SETTINGS.maxStrikes(); i++) {
            // Others are taken, so the failures are not the provider's.
            register(aCustomer(), android(aToken()));
            syncAll();
            assertThat(standing(device).state()).isEqualTo(SyncState.PENDING);
            scene.clock.advance(SETTINGS.settlingDelay());
        }
        syncAll();

        assertThat(standing(device))
                .isEqualTo(new ProviderSync(
                        provider.id(),
                        SyncState.PARKED,
                        null,
                        SETTINGS.maxStrikes() + 1,
                        SETTINGS.maxStrikes(),
                        SyncReason.UNCONFIRMED,
                        "What came of 4 attempts is not known",
                        null));
    }

    @Test
    void what_is_missing_by_the_providers_own_word_is_sent_again_as_often_as_it_takes() {
        register(aCustomer(), android(aToken()));
        syncAll();
        provider.refusal = new Outcome.Unconfirmed("HTTP 500");
        provider.refused = customer;
        Device device = register(android(aToken()));

        for (int i = 0; i < 3 * SETTINGS.maxStrikes(); i++) {
            register(aCustomer(), android(aToken()));
            syncAll();
            scene.clock.advance(SETTINGS.settlingDelay());
        }
        assertThat(standing(device).state()).isEqualTo(SyncState.PENDING);
        provider.refusal = null;
        scene.clock.advance(Duration.ofMinutes(1));
        syncAll();

        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_provider_that_refuses_the_question_cannot_be_asked() {
        Device device = register(android(aToken()));
        answersGetLost();
        sync();
        provider.listingFailure = new Listing.Failed(new Outcome.Rejected("HTTP 400"));

        syncAfterTheSettlingDelay();

        assertThat(provider.requests()).containsExactly("Create", "LIST", "Create");
        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_question_that_keeps_failing_while_others_are_taken_is_given_up_in_the_end() {
        Device device = register(android(aToken()));
        answersGetLost();
        sync();
        answersArrive();
        provider.listingFailure = new Listing.Failed(new Outcome.Unconfirmed("HTTP 500"));

        for (int i = 0; i < SETTINGS.maxStrikes() + 1; i++) {
            register(aCustomer(), android(aToken()));
            syncAll();
            scene.clock.advance(SETTINGS.settlingDelay());
        }

        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void after_an_outage_a_provider_that_cannot_be_asked_is_not_probed_with_questions_for_ever() {
        provider.listingOffered = false;
        provider.refusal = new Outcome.Unconfirmed("HTTP 503");
        for (int i = 0; i < SETTINGS.breakerThreshold(); i++) {
            register(aCustomer(), android(aToken()));
            sync();
        }
        assertThat(sync()).isInstanceOf(Round.Closed.class);
        provider.refusal = null;

        for (int i = 0; i < 3; i++) {
            scene.clock.advance(SETTINGS.settlingDelay());
            syncAll();
        }

        assertThat(scene.registry.countSynced(provider.id())).isEqualTo(SETTINGS.breakerThreshold());
    }

    @Test
    void what_was_given_up_is_asked_about_before_it_is_sent_again_on_request() {
        Device device = register(android(aToken()));
        var lease = scene.registry.lease(provider.id(), SyncLane.FRESH, SETTINGS.lease(), 1).stream()
                .findFirst()
                .orElseThrow();
        scene.registry.settle(
                lease,
                List.of(new Settlement(
                        device.id(), 1, new Settlement.Parked(null, Doubt.OLD, SyncReason.UNCONFIRMED, "given up"))));
        provider.holds(customer, device.type(), device.token());

        scene.registry.unpark(new ParkedSelection(null, customer, null, null), SyncLane.FRESH, null, 1);
        sync();

        assertThat(provider.requests()).containsExactly("LIST");
        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
    }
}
