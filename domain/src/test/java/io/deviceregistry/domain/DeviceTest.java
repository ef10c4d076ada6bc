package io.deviceregistry.domain;

import static io.deviceregistry.domain.DeviceStatus.ACTIVE;
import static io.deviceregistry.domain.DeviceStatus.INVALID;
import static io.deviceregistry.domain.DeviceStatus.REMOVED;
import static io.deviceregistry.domain.Examples.ANDROID;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.IOS;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.METADATA;
import static io.deviceregistry.domain.Examples.NOW;
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
import static io.deviceregistry.domain.Observation.ON_ARRIVAL;
import static io.deviceregistry.domain.RemovalReason.REPLACED;
import static io.deviceregistry.domain.RemovalReason.TRANSFERRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceTest {
    private static final DeviceRegistration WITH_METADATA = new DeviceRegistration(ANDROID, TOKEN, METADATA);

    static void assertOnlyDiffer(Device after, Device before, String... components) {
        assertThat(after).usingRecursiveComparison().ignoringFields(components).isEqualTo(before);
    }

    @Test
    void a_first_registration_makes_an_active_device_of_version_one() {
        DeviceId id = anId();

        Device device = Device.registered(id, CUSTOMER, WITH_METADATA, NOW);

        assertThat(device)
                .isEqualTo(
                        new Device(id, CUSTOMER, ANDROID, TOKEN, ACTIVE, null, null, 1, METADATA, NOW, NOW, NOW, NOW));
    }

    @Test
    void a_first_registration_that_took_its_time_is_as_of_when_it_was_true() {
        DeviceId id = anId();

        Device device = Device.registered(id, CUSTOMER, android(TOKEN, observedAt(5)), LATER);

        assertOnlyDiffer(device, Device.registered(id, CUSTOMER, android(TOKEN), LATER), "lastSeenAt", "asOf");
        assertThat(device.lastSeenAt()).isEqualTo(minute(5));
        assertThat(device.asOf()).isEqualTo(minute(5));
    }

    @Test
    void a_device_of_which_nothing_was_told_has_no_metadata() {
        assertThat(aDevice().metadata()).isEqualTo(DeviceMetadata.NONE);
    }

    @Test
    void a_first_registration_that_was_superseded_makes_the_same_device_but_removed() {
        DeviceId id = anId();

        Device superseded = Device.superseded(id, CUSTOMER, WITH_METADATA, NOW);

        assertOnlyDiffer(superseded, Device.registered(id, CUSTOMER, WITH_METADATA, NOW), "status", "removalReason");
        assertThat(superseded.status()).isEqualTo(REMOVED);
        assertThat(superseded.removalReason()).isEqualTo(TRANSFERRED);
    }

    @Test
    void the_same_registration_within_the_refresh_interval_writes_nothing() {
        Device device = aDevice();

        assertThat(device.registeredAgain(android(TOKEN), minute(1).minusNanos(1)))
                .isSameAs(device);
    }

    @Test
    void the_same_registration_after_the_refresh_interval_is_seen_but_is_no_new_version() {
        Device device = aDevice();

        Device again = device.registeredAgain(android(TOKEN), minute(1));

        assertOnlyDiffer(again, device, "lastSeenAt", "asOf");
        assertThat(again.lastSeenAt()).isEqualTo(minute(1));
        assertThat(again.asOf()).isEqualTo(minute(1));
    }

    @Test
    void the_refresh_interval_is_measured_by_when_the_messages_were_true() {
        Device device = aDevice();

        assertThat(device.registeredAgain(android(TOKEN, observedAt(0)), LATER)).isSameAs(device);
        assertThat(device.registeredAgain(android(TOKEN, observedAt(1)), LATER).lastSeenAt())
                .isEqualTo(minute(1));
    }

    @Test
    void a_time_that_the_same_registration_carries_is_kept_even_within_the_refresh_interval() {
        Device device = aDevice();
        Instant justLater = NOW.plusNanos(1_000);

        Device again = device.registeredAgain(android(TOKEN, new Observation(justLater)), LATER);

        assertOnlyDiffer(again, device, "lastSeenAt", "asOf");
        assertThat(again.lastSeenAt()).isEqualTo(justLater);
        assertThat(again.asOf()).isEqualTo(justLater);
    }

    @Test
    void a_time_within_the_refresh_interval_that_is_no_newer_than_what_the_device_reflects_writes_nothing() {
        Instant described = NOW.plusSeconds(30);
        Device device = aDevice().changed(new DeviceUpdate(null, null, METADATA, ON_ARRIVAL), described);

        assertThat(device.registeredAgain(android(TOKEN, new Observation(described)), LATER))
                .isSameAs(device);
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

        assertOnlyDiffer(changed, device, "type", "version", "lastSeenAt", "asOf");
        assertThat(changed.type()).isEqualTo(IOS);
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

        Device cleared =
                device.registeredAgain(new DeviceRegistration(ANDROID, TOKEN, DeviceMetadata.NONE), NOW.plusSeconds(1));

        assertThat(cleared.metadata()).isEqualTo(DeviceMetadata.NONE);
        assertThat(cleared.version()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(value = RemovalReason.class, mode = EnumSource.Mode.EXCLUDE, names = "REPLACED")
    void a_removed_device_comes_back_as_itself_whyever_it_was_removed(RemovalReason reason) {
        Device removed = aDevice().removed(reason, ON_ARRIVAL, minute(10));

        Device back = removed.registeredAgain(android(TOKEN), LATER);

        assertOnlyDiffer(back, removed, "status", "removalReason", "version", "lastSeenAt", "asOf", "statusSince");
        assertThat(back.status()).isEqualTo(ACTIVE);
        assertThat(back.removalReason()).isNull();
        assertThat(back.version()).isEqualTo(3);
        assertThat(back.lastSeenAt()).isEqualTo(LATER);
        assertThat(back.statusSince()).isEqualTo(LATER);
    }

    @Test
    void an_invalid_device_comes_back_as_itself_even_within_the_refresh_interval() {
        Device dead = with(aDevice(), INVALID, null, UNREGISTERED);

        Device back = dead.registeredAgain(android(TOKEN), NOW);

        assertOnlyDiffer(back, dead, "status", "invalidReason", "version");
        assertThat(back.isActive()).isTrue();
        assertThat(back.invalidReason()).isNull();
        assertThat(back.version()).isEqualTo(2);
    }

    @Test
    void a_change_touches_only_what_it_mentions() {
        Device device = aDevice();

        Device changed = device.changed(new DeviceUpdate(IOS, null, METADATA, observedAt(5)), LATER);

        assertOnlyDiffer(changed, device, "type", "metadata", "version", "asOf");
        assertThat(changed.type()).isEqualTo(IOS);
        assertThat(changed.metadata()).isEqualTo(METADATA);
        assertThat(changed.version()).isEqualTo(2);
        assertThat(changed.asOf()).isEqualTo(minute(5));
    }

    @Test
    void a_change_that_says_nothing_new_is_no_new_version() {
        Device device = aDevice();

        Device same = device.changed(new DeviceUpdate(ANDROID, TOKEN, DeviceMetadata.NONE, ON_ARRIVAL), LATER);

        assertOnlyDiffer(same, device, "asOf");
    }

    @Test
    void a_new_token_is_one_that_the_app_was_seen_with() {
        Device device = aDevice();

        Device rotated = device.changed(rotationTo(OTHER_TOKEN, observedAt(5)), LATER);

        assertOnlyDiffer(rotated, device, "token", "version", "lastSeenAt", "asOf");
        assertThat(rotated.token()).isEqualTo(OTHER_TOKEN);
        assertThat(rotated.version()).isEqualTo(2);
        assertThat(rotated.lastSeenAt()).isEqualTo(minute(5));
    }

    @Test
    void only_a_new_token_revives_a_device_that_was_found_dead() {
        Device dead = invalid(aDevice(), 10);

        Device revived = dead.changed(rotationTo(OTHER_TOKEN), LATER);

        assertThat(revived.status()).isEqualTo(ACTIVE);
        assertThat(revived.invalidReason()).isNull();
        assertThat(revived.statusSince()).isEqualTo(LATER);
        assertThat(dead.changed(new DeviceUpdate(IOS, TOKEN, METADATA, ON_ARRIVAL), LATER)
                        .invalidReason())
                .isEqualTo(InvalidReason.REPORTED);
    }

    @Test
    void providers_are_told_of_a_new_device_only_if_it_is_active() {
        assertThat(aDevice().differsForProviders(null)).isTrue();
        assertThat(removed(aDevice(), 10).differsForProviders(null)).isFalse();
    }

    @Test
    void providers_are_told_of_another_type_another_token_and_of_coming_and_going() {
        Device device = aDevice();

        assertThat(device.registeredAgain(ios(TOKEN), NOW).differsForProviders(device))
                .isTrue();
        assertThat(device.changed(rotationTo(OTHER_TOKEN), NOW).differsForProviders(device))
                .isTrue();
        assertThat(removed(device, 10).differsForProviders(device)).isTrue();
        assertThat(invalid(device, 10).differsForProviders(device)).isTrue();
        assertThat(device.differsForProviders(removed(device, 10))).isTrue();
    }

    @Test
    void providers_are_not_told_of_metadata_of_visits_or_of_one_inactive_state_after_another() {
        Device device = aDevice();

        assertThat(device.registeredAgain(WITH_METADATA, NOW).differsForProviders(device))
                .isFalse();
        assertThat(device.registeredAgain(android(TOKEN), LATER).differsForProviders(device))
                .isFalse();
        assertThat(removed(invalid(device, 10), 20).differsForProviders(invalid(device, 10)))
                .isFalse();
    }

    @Test
    void between_two_inactive_states_providers_are_told_of_nothing_whatever_else_changed() {
        Device dead = invalid(aDevice(), 10);
        Device anotherType = dead.changed(new DeviceUpdate(IOS, null, METADATA, ON_ARRIVAL), LATER);
        Device rotatedAndLost = dead.changed(rotationTo(OTHER_TOKEN), LATER).removed(TRANSFERRED, ON_ARRIVAL, LATER);

        assertThat(anotherType.differsForProviders(dead)).isFalse();
        assertThat(rotatedAndLost.differsForProviders(dead)).isFalse();
    }

    @Test
    void a_device_has_a_reason_exactly_while_its_status_needs_one() {
        Device device = aDevice();

        assertThatIllegalArgumentException().isThrownBy(() -> with(device, REMOVED, null, null));
        assertThatIllegalArgumentException().isThrownBy(() -> with(device, ACTIVE, TRANSFERRED, null));
        assertThatIllegalArgumentException().isThrownBy(() -> with(device, INVALID, REPLACED, UNREGISTERED));
        assertThatIllegalArgumentException().isThrownBy(() -> with(device, INVALID, null, null));
        assertThatIllegalArgumentException().isThrownBy(() -> with(device, ACTIVE, null, UNREGISTERED));
        assertThatIllegalArgumentException().isThrownBy(() -> with(device, REMOVED, TRANSFERRED, UNREGISTERED));
    }

    @Test
    void versions_count_from_one() {
        assertThatIllegalArgumentException().isThrownBy(() -> with(0, NOW));
        assertThat(with(1, NOW).version()).isEqualTo(1);
    }

    @Test
    void a_device_reflects_that_it_was_seen() {
        assertThatIllegalArgumentException().isThrownBy(() -> with(1, NOW.minusNanos(1_000)));
    }

    private static Device with(
            Device device,
            DeviceStatus status,
            @Nullable RemovalReason removalReason,
            @Nullable InvalidReason invalidReason) {
        return new Device(
                device.id(),
                device.customer(),
                device.type(),
                device.token(),
                status,
                removalReason,
                invalidReason,
                device.version(),
                device.metadata(),
                device.registeredAt(),
                device.lastSeenAt(),
                device.asOf(),
                device.statusSince());
    }

    private static Device with(long version, Instant asOf) {
        return new Device(anId(), CUSTOMER, ANDROID, TOKEN, ACTIVE, null, null, version, METADATA, NOW, NOW, asOf, NOW);
    }
}
