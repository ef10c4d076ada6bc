package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryGate;
import io.deviceregistry.application.testing.InMemoryProvider;
import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A registry with one provider, an engine between them, and a clock that stands still. */
final class SyncScene {
    static final SyncSettings SETTINGS = new SyncSettings(
            Duration.ofSeconds(30),
            Duration.ofSeconds(15),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            4,
            3,
            Duration.ofSeconds(10),
            Duration.ofMinutes(10));

    final SettableClock clock = new SettableClock();
    final InMemoryRegistry registry = new InMemoryRegistry(clock);
    final InMemoryGate gate = new InMemoryGate(clock);
    final InMemoryProvider provider = new InMemoryProvider(aProvider());
    final CustomerId customer = aCustomer();

    SyncEngine engine(SyncSettings settings, Chance chance) {
        return new SyncEngine(
                List.of(provider),
                registry,
                gate,
                settings,
                chance,
                Examples.UNTRACED,
                () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
    }

    Round sync() {
        return sync(Chance.LOWEST);
    }

    Round sync(Chance chance) {
        return engine(SyncScene.SETTINGS, chance).syncNext(provider.id());
    }

    void syncAll() {
        Stream<Round> rounds = Stream.generate(this::sync).limit(100);

        assertThat(rounds.dropWhile(Round.Worked.class::isInstance).findFirst()).contains(new Round.Idle());
    }

    Device register(DeviceRegistration registration) {
        return register(customer, registration).getFirst();
    }

    /** Devices that become due together. */
    List<Device> register(CustomerId owner, DeviceRegistration... registrations) {
        return Examples.register(registry, owner, Arrays.asList(registrations), Set.of(provider.id())).stream()
                .map(one -> one.device())
                .toList();
    }

    ProviderSync standing(Device device) {
        return registry.standing(device.customer(), device.id()).orElseThrow().getFirst();
    }

    /** How the provider stands towards a device that it took at the first attempt. */
    ProviderSync synced(Device device) {
        return new ProviderSync(provider.id(), SyncState.SYNCED, "remote-" + device.id(), 1, 0, null, null, null);
    }

    /** How the provider stands towards a device after a first attempt, of known outcome, that failed. */
    ProviderSync failed(SyncState state, SyncReason reason, String words, @Nullable Duration nextIn) {
        return new ProviderSync(provider.id(), state, null, 1, 0, reason, words, nextIn == null ? null : in(nextIn));
    }

    /** How the provider stands towards a device of which nothing was sent. */
    ProviderSync untried(Duration nextIn) {
        return new ProviderSync(provider.id(), SyncState.PENDING, null, 0, 0, null, null, in(nextIn));
    }

    Holding held(Device device) {
        return new Holding("remote-" + device.id(), device.type(), device.token());
    }

    private Instant in(Duration duration) {
        return clock.instant().plus(duration);
    }
}
