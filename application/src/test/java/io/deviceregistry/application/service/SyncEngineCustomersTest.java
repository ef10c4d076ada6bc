package io.deviceregistry.application.service;

import static io.deviceregistry.application.service.SyncScene.SETTINGS;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A provider that takes devices of customers only whom it knows. */
class SyncEngineCustomersTest {
    private final SyncScene scene = new SyncScene();
    private final RemoteStore provider = new RemoteStore();
    private final CustomerId customer = aCustomer();
    private final SyncEngine engine =
            new SyncEngine(List.of(provider), scene.registry, scene.gate, SETTINGS, Chance.LOWEST, Examples.UNTRACED);

    @BeforeEach
    void beStrict() {
        provider.strict = true;
    }

    private Device register(DeviceRegistration registration) {
        return Examples.register(scene.registry, customer, List.of(registration), Set.of(provider.id()))
                .getFirst()
                .device();
    }

    private void describe() {
        scene.registry.change(
                Examples.writing(Set.of(provider.id())),
                Scope.EMPTY.withCustomer(customer),
                registry -> registry.describe(
                        customer, new ProfileUpdate(Part.set("jo@example.com"), Part.KEPT, Part.KEPT, Part.KEPT)));
    }

    private ProviderSync standing(Device device) {
        return scene.registry.standing(customer, device.id()).orElseThrow().getFirst();
    }

    private void syncAll() {
        while (engine.syncNext(provider.id()) instanceof Round.Worked) {
            assertThat(provider.requests()).hasSizeLessThan(100);
        }
    }

    @Test
    void a_customer_whom_the_provider_does_not_know_is_made_known_from_the_profile() {
        describe();
        List<Device> devices = List.of(register(android(aToken())), register(ios(aToken())));

        syncAll();

        assertThat(provider.requests()).containsExactly("Create", "CUSTOMER", "Create");
        assertThat(devices)
                .allSatisfy(device -> assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED));
    }

    @Test
    void without_a_profile_that_is_enough_the_devices_park_until_there_is_one() {
        Device device = register(android(aToken()));
        syncAll();
        assertThat(provider.requests()).containsExactly("Create");
        assertThat(standing(device).state()).isEqualTo(SyncState.PARKED);
        assertThat(standing(device).reason()).isEqualTo(SyncReason.CUSTOMER_UNKNOWN);

        describe();
        syncAll();

        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
    }

    @Test
    void a_customer_whom_the_provider_refuses_parks_the_devices_and_is_tried_again_slowly() {
        describe();
        provider.introduction = new Outcome.Rejected("phone_no is required");
        Device device = register(android(aToken()));

        syncAll();

        assertThat(standing(device).state()).isEqualTo(SyncState.PARKED);
        assertThat(standing(device).reason()).isEqualTo(SyncReason.CUSTOMER_UNKNOWN);
        assertThat(standing(device).lastError()).isEqualTo("phone_no is required");
        assertThat(standing(device).nextAttemptAt())
                .isEqualTo(scene.clock.instant().plus(SETTINGS.unknownCustomerRetry()));
    }

    @Test
    void a_customer_whose_making_is_unconfirmed_is_tried_again_and_no_device_is_in_doubt() {
        describe();
        provider.introduction = new Outcome.Unconfirmed("HTTP 500");
        Device device = register(android(aToken()));

        syncAll();

        assertThat(standing(device).state()).isEqualTo(SyncState.PENDING);
        assertThat(standing(device).unconfirmedAttempts()).isZero();
        provider.introduction = new Outcome.Accepted(null);
        scene.clock.advance(Duration.ofMinutes(1));
        syncAll();
        assertThat(standing(device).state()).isEqualTo(SyncState.SYNCED);
        assertThat(provider.requests()).doesNotContain("LIST");
    }

    @Test
    void a_provider_that_does_not_know_a_customer_whom_it_took_is_not_asked_for_ever() {
        describe();
        provider.introduction = new Outcome.Accepted(null);
        provider.refusal = new Outcome.CustomerUnknown("no such customer");
        Device device = register(android(aToken()));

        syncAll();

        assertThat(provider.requests()).containsExactly("Create", "CUSTOMER", "Create");
        assertThat(standing(device).reason()).isEqualTo(SyncReason.CUSTOMER_UNKNOWN);
    }
}
