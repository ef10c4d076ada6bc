package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.ANDROID;
import static io.deviceregistry.application.testing.Examples.LONG_AGO;
import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.longAgo;
import static io.deviceregistry.application.testing.Examples.rotationTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.RemovalReason;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncState;
import io.deviceregistry.domain.TooManyDevicesException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@link DeviceStore#change} lets a change see, and how exactly it keeps what the change made. */
public abstract class ChangeContract extends RegistryContract {
    private static final DeviceMetadata ODD = new DeviceMetadata(
            "com.example.app",
            "1.2-β",
            " 16 ",
            "de-DE",
            "Europe/Berlin",
            Map.of("a \"b\" \\ c", "{\"null\": 1}", "漢字", "😀", "NULL", "null"));

    private final CustomerId customer = aCustomer();
    private final CustomerId another = aCustomer();
    private final DeviceToken token = aToken();

    private void isKeptExactly(Device device) {
        assertThat(stored(device)).isEqualTo(device);
        assertThat(Search.all().of(device.customer()).in(ports().devices())).containsExactly(device);
        assertThat(seenByAChange(device)).isEqualTo(device);
    }

    /** A change that is void reads the device and gives it back. */
    private Device seenByAChange(Device device) {
        return change(
                Scope.EMPTY.withCustomer(device.customer()).withDevice(device.id()),
                registry -> registry.change(
                        device.customer(),
                        device.id(),
                        Precondition.NONE,
                        new DeviceUpdate(null, null, null, new Observation(Instant.EPOCH)),
                        MANY));
    }

    @Test
    void metadata_and_times_are_kept_to_the_last_character_and_microsecond() {
        Device device = registered(customer, new DeviceRegistration(ANDROID, token, ODD, longAgo()));

        assertThat(device.metadata()).isEqualTo(ODD);
        assertThat(device.lastSeenAt()).isEqualTo(LONG_AGO);
        assertThat(device.asOf()).isEqualTo(LONG_AGO);
        assertThat(device.registeredAt()).isEqualTo(device.statusSince()).isAfter(LONG_AGO);
        isKeptExactly(device);
    }

    @Test
    void what_a_device_reflects_may_be_newer_than_its_last_being_seen() {
        Device seen = registered(customer, new DeviceRegistration(ANDROID, token, null, longAgo()));
        Observation later = new Observation(LONG_AGO.plus(1, ChronoUnit.MICROS));

        Device device = change(
                Scope.EMPTY.withTokens(customer, Set.of(token)),
                registry -> registry.rotate(customer, token, new DeviceUpdate(null, null, ODD, later), MANY));

        assertThat(device.lastSeenAt()).isEqualTo(LONG_AGO);
        assertThat(device.asOf()).isEqualTo(later.at());
        assertThat(device.statusSince()).isEqualTo(seen.statusSince());
        isKeptExactly(device);
    }

    @Test
    void an_invalid_device_is_kept_with_its_reason_and_since_when() {
        Device active = registered(customer, new DeviceRegistration(ANDROID, token, ODD, longAgo()));
        Observation report = new Observation(LONG_AGO.plus(Duration.ofDays(1)));

        change(
                Scope.EMPTY.withHolderOf(token),
                registry -> registry.reportInvalid(token, new InvalidReason("NotRegistered"), report));

        Device invalid = stored(active);
        assertThat(invalid.invalidReason()).isEqualTo(new InvalidReason("NotRegistered"));
        assertThat(invalid.asOf()).isEqualTo(report.at());
        assertThat(invalid.lastSeenAt()).isEqualTo(LONG_AGO);
        assertThat(invalid.statusSince()).isAfter(active.statusSince());
        isKeptExactly(invalid);
    }

    @Test
    void a_refresh_moves_nothing_but_the_times() {
        Device before = registered(customer, new DeviceRegistration(ANDROID, token, ODD, longAgo()));

        Device after = registered(customer, android(token));

        assertThat(after.lastSeenAt()).isEqualTo(after.asOf()).isAfter(before.registeredAt());
        assertThat(after)
                .usingRecursiveComparison()
                .ignoringFields("lastSeenAt", "asOf")
                .isEqualTo(before);
        isKeptExactly(after);
    }

    @Test
    void several_operations_see_each_other_and_are_kept_together() {
        DeviceToken second = aToken();
        DeviceToken third = aToken();
        Device theirs = registered(another, android(second));

        List<Device> made = change(
                Scope.EMPTY.withTokens(customer, Set.of(token, second, third)).withTokens(another, Set.of(token)),
                registry -> {
                    Device mine =
                            registry.register(customer, android(token), MANY).device();
                    Device rotated = registry.rotate(customer, token, rotationTo(second), MANY);
                    Device taken =
                            registry.register(another, android(token), MANY).device();
                    registry.describe(another, ProfileUpdate.NONE);
                    registry.register(customer, android(third), MANY);
                    registry.remove(customer, third, Observation.ON_ARRIVAL);
                    assertThat(rotated.id()).isEqualTo(mine.id());
                    return List.of(rotated, taken);
                });

        assertThat(devicesOf(customer)).containsExactly(made.get(0));
        assertThat(devicesOf(another)).containsExactly(made.get(1));
        assertThat(stored(theirs).removalReason()).isEqualTo(RemovalReason.TRANSFERRED);
        assertThat(removedDevicesOf(customer)).singleElement().returns(third, Device::token);
    }

    @Test
    void tokens_may_change_hands_in_a_circle() {
        DeviceToken aside = aToken();
        DeviceToken second = aToken();
        Device one = registered(customer, android(token));
        Device two = registered(customer, android(second));

        change(Scope.EMPTY.withTokens(customer, Set.of(token, second, aside)), registry -> {
            registry.rotate(customer, token, rotationTo(aside), MANY);
            registry.rotate(customer, second, rotationTo(token), MANY);
            return registry.rotate(customer, aside, rotationTo(second), MANY);
        });

        assertThat(stored(one).token()).isEqualTo(second);
        assertThat(stored(two).token()).isEqualTo(token);
    }

    @Test
    void a_token_given_up_may_be_left_to_a_device_that_is_removed_at_once() {
        Device rotated = registered(customer, android(token));
        DeviceToken next = aToken();

        change(Scope.EMPTY.withTokens(customer, Set.of(token, next)), registry -> {
            registry.rotate(customer, token, rotationTo(next), MANY);
            registry.register(customer, android(token), MANY);
            registry.remove(customer, token, Observation.ON_ARRIVAL);
            return null;
        });

        assertThat(devicesOf(customer)).extracting(Device::id).containsExactly(rotated.id());
        assertThat(removedDevicesOf(customer)).singleElement().returns(token, Device::token);
    }

    @Test
    void a_change_that_throws_stores_nothing() {
        Device device = registered(customer, android(token));
        DeviceToken made = aToken();

        assertThatExceptionOfType(TooManyDevicesException.class)
                .isThrownBy(() -> change(
                        Scope.EMPTY.withTokens(customer, Set.of(token)).withTokens(another, Set.of(made)), registry -> {
                            registry.remove(customer, token, Observation.ON_ARRIVAL);
                            registry.describe(another, ProfileUpdate.NONE);
                            return registry.register(another, android(made), 0);
                        }));

        assertThat(stored(device)).isEqualTo(device);
        assertThat(standing(device).state()).isEqualTo(SyncState.PENDING);
        assertThat(ports().customers().customer(another)).isEmpty();
        assertThat(devicesOf(another)).isEmpty();
    }

    @Test
    void a_change_that_does_nothing_is_free_to_return_nothing() {
        String nothing = change(Scope.EMPTY.withCustomer(customer), _ -> null);

        assertThat(nothing).isNull();
        assertThat(ports().customers().customer(customer)).isEmpty();
    }

    @Test
    void every_given_provider_is_to_be_told() {
        Set<ProviderId> providers = Set.of(provider, Examples.aProvider());
        Device device = Examples.register(ports().devices(), customer, List.of(android(token)), providers)
                .getFirst()
                .device();

        assertThat(ports().ledger().standing(customer, device.id()).orElseThrow())
                .allMatch(sync -> sync.state() == SyncState.PENDING)
                .extracting(ProviderSync::provider)
                .containsExactlyInAnyOrderElementsOf(providers);
    }

    /** What a change may ask for only if it is in the scope. */
    enum Asked {
        TOKEN_OF_THE_CUSTOMER,
        TOKEN_OF_ANOTHER_CUSTOMER,
        HOLDER,
        DEVICE,
        CUSTOMER
    }

    @ParameterizedTest
    @EnumSource
    void what_is_out_of_the_scope_cannot_be_asked_for(Asked asked) {
        Device device = registered(customer, android(token));
        DeviceToken inScope = aToken();
        Function<Registry, Object> change = switch (asked) {
            case TOKEN_OF_THE_CUSTOMER -> registry -> registry.register(customer, android(token), MANY);
            case TOKEN_OF_ANOTHER_CUSTOMER -> registry -> registry.register(another, android(inScope), MANY);
            case HOLDER -> registry -> registry.reportInvalid(token, InvalidReason.REPORTED, longAgo());
            case DEVICE -> registry -> registry.expire(device.id(), Map.of());
            case CUSTOMER -> registry -> registry.describe(another, ProfileUpdate.NONE);
        };

        assertThatIllegalStateException()
                .isThrownBy(() -> change(Scope.EMPTY.withTokens(customer, Set.of(inScope)), registry -> {
                    registry.register(customer, android(inScope), MANY);
                    return change.apply(registry);
                }));

        assertThat(devicesOf(customer)).containsExactly(device);
    }
}
