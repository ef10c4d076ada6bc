package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.NOW;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.aDevice;
import static io.deviceregistry.domain.Examples.anId;
import static io.deviceregistry.domain.Examples.android;
import static io.deviceregistry.domain.Examples.invalid;
import static io.deviceregistry.domain.Examples.ios;
import static io.deviceregistry.domain.Examples.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceTest {
    private static final Instant LATER = NOW.plusSeconds(60);
    private static final DeviceRegistration WITH_METADATA = new DeviceRegistration(Examples.ANDROID, TOKEN, METADATA);

    @Test
    void a_first_registration_makes_an_active_device_of_version_one() {
        DeviceId id = anId();

        Device device = Device.registered(id, CUSTOMER, WITH_METADATA, NOW);

        assertThat(device)
                .isEqualTo(new Device(
                        id, CUSTOMER, Examples.ANDROID, TOKEN, DeviceStatus.ACTIVE, null, 1, METADATA, NOW, NOW));
    }

    @Test
    void a_device_of_which_nothing_was_told_has_no_metadata() {
        assertThat(aDevice().metadata()).isEqualTo(DeviceMetadata.NONE);
    }

    @Test
    void the_same_registration_within_the_refresh_interval_writes_nothing() {
        Device device = aDevice();

        assertThat(device.registeredAgain(android(TOKEN), LATER.minusNanos(1))).isSameAs(device);
    }

    @Test
    void the_same_registration_after_the_refresh_interval_is_seen_but_is_no_new_version() {
        Device device = aDevice();

        Device again = device.registeredAgain(android(TOKEN), LATER);

        assertThat(again)
                .usingRecursiveComparison()
                .ignoringFields("lastSeenAt")
                .isEqualTo(device);
        assertThat(again.lastSeenAt()).isEqualTo(LATER);
    }

    @Test
    void a_clock_that_went_back_makes_no_device_less_recently_seen() {
        Device device = aDevice();
        Instant earlier = NOW.minusSeconds(3600);

        assertThat(device.registeredAgain(android(TOKEN), earlier)).isSameAs(device);
        assertThat(device.registeredAgain(ios(TOKEN), earlier).lastSeenAt()).isEqualTo(NOW);
    }

    @Test
    void another_type_is_a_new_version_at_once() {
        Device device = aDevice();

        Device changed = device.registeredAgain(ios(TOKEN), NOW.plusSeconds(1));

        assertThat(changed)
                .usingRecursiveComparison()
                .ignoringFields("type", "version", "lastSeenAt")
                .isEqualTo(device);
        assertThat(changed.type()).isEqualTo(Examples.IOS);
        assertThat(changed.version()).isEqualTo(2);
        assertThat(changed.lastSeenAt()).isEqualTo(NOW.plusSeconds(1));
    }

    @Test
    void other_metadata_is_a_new_version_at_once() {
        Device changed = aDevice().registeredAgain(WITH_METADATA, NOW.plusSeconds(1));

        assertThat(changed.metadata()).isEqualTo(METADATA);
        assertThat(changed.version()).isEqualTo(2);
    }

    @Test
    void metadata_that_is_not_mentioned_stays() {
        Device device = aDevice().registeredAgain(WITH_METADATA, NOW);

        assertThat(device.registeredAgain(android(TOKEN), NOW)).isSameAs(device);
        assertThat(device.registeredAgain(ios(TOKEN), NOW).metadata()).isEqualTo(METADATA);
    }

    @Test
    void metadata_can_be_taken_back() {
        Device device = aDevice().registeredAgain(WITH_METADATA, NOW);

        Device cleared = device.registeredAgain(
                new DeviceRegistration(Examples.ANDROID, TOKEN, DeviceMetadata.NONE), NOW.plusSeconds(1));

        assertThat(cleared.metadata()).isEqualTo(DeviceMetadata.NONE);
        assertThat(cleared.version()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(RemovalReason.class)
    void a_removed_device_comes_back_as_itself_whyever_it_was_removed(RemovalReason reason) {
        Device removed = with(aDevice(), DeviceStatus.REMOVED, reason);

        Device back = removed.registeredAgain(android(TOKEN), NOW.plusSeconds(1));

        assertThat(back.id()).isEqualTo(removed.id());
        assertThat(back.status()).isEqualTo(DeviceStatus.ACTIVE);
        assertThat(back.removalReason()).isNull();
        assertThat(back.version()).isEqualTo(2);
        assertThat(back.registeredAt()).isEqualTo(NOW);
        assertThat(back.lastSeenAt()).isEqualTo(NOW.plusSeconds(1));
    }

    @Test
    void an_invalid_device_comes_back_as_itself() {
        Device dead = invalid(aDevice());

        Device back = dead.registeredAgain(android(TOKEN), NOW);

        assertThat(back.id()).isEqualTo(dead.id());
        assertThat(back.isActive()).isTrue();
        assertThat(back.version()).isEqualTo(2);
    }

    @Test
    void a_device_whose_token_went_to_another_customer_is_removed_with_the_next_version() {
        Device device = aDevice();

        Device gone = device.transferredAway();

        assertThat(gone)
                .usingRecursiveComparison()
                .ignoringFields("status", "removalReason", "version")
                .isEqualTo(device);
        assertThat(gone.status()).isEqualTo(DeviceStatus.REMOVED);
        assertThat(gone.removalReason()).isEqualTo(RemovalReason.TRANSFERRED);
        assertThat(gone.version()).isEqualTo(2);
    }

    @Test
    void providers_are_told_of_another_type_another_token_and_of_coming_and_going() {
        Device device = aDevice();
        Device rotated = new Device(
                device.id(),
                device.customer(),
                device.type(),
                OTHER_TOKEN,
                device.status(),
                null,
                2,
                device.metadata(),
                NOW,
                NOW);

        assertThat(device.registeredAgain(ios(TOKEN), NOW).differsForProviders(device))
                .isTrue();
        assertThat(rotated.differsForProviders(device)).isTrue();
        assertThat(device.transferredAway().differsForProviders(device)).isTrue();
        assertThat(invalid(device).differsForProviders(device)).isTrue();
        assertThat(device.differsForProviders(device.transferredAway())).isTrue();
    }

    @Test
    void providers_are_not_told_of_metadata_of_visits_or_of_one_inactive_state_after_another() {
        Device device = aDevice();

        assertThat(device.registeredAgain(WITH_METADATA, NOW).differsForProviders(device))
                .isFalse();
        assertThat(device.registeredAgain(android(TOKEN), LATER).differsForProviders(device))
                .isFalse();
        assertThat(device.transferredAway().differsForProviders(invalid(device)))
                .isFalse();
    }

    @Test
    void a_device_has_a_removal_reason_exactly_while_it_is_removed() {
        Device device = aDevice();

        assertThatIllegalArgumentException().isThrownBy(() -> with(device, DeviceStatus.REMOVED, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(device, DeviceStatus.ACTIVE, RemovalReason.TRANSFERRED));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(device, DeviceStatus.INVALID, RemovalReason.REPLACED));
    }

    @Test
    void versions_count_from_one() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Device(
                        anId(), CUSTOMER, Examples.ANDROID, TOKEN, DeviceStatus.ACTIVE, null, 0, METADATA, NOW, NOW));
    }
}
