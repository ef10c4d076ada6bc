package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.rotationTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Precondition;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Short words for what happens to a registry, and for the part that one provider plays. Tests share a store with all
 * others, so each has customers, tokens and a provider of its own.
 */
public abstract class RegistryContract {
    /** Longer than any test takes. */
    static final Duration LONG = Duration.ofMinutes(5);

    /** Short enough to be waited for. */
    static final Duration SHORT = Duration.ofMillis(300);

    final ProviderId provider = aProvider();

    protected abstract Ports ports();

    final <T extends @Nullable Object> T change(Scope scope, Function<Registry, T> change) {
        return change(Examples.CALLER, scope, change);
    }

    final <T extends @Nullable Object> T change(Caller by, Scope scope, Function<Registry, T> change) {
        return ports().devices().change(Examples.writing(by, Set.of(provider)), scope, change);
    }

    final Registration register(CustomerId customer, DeviceRegistration device) {
        return register(customer, device, MANY);
    }

    final Registration register(CustomerId customer, DeviceRegistration device, int limit) {
        return change(
                Scope.EMPTY.withRegistrations(customer, List.of(device)),
                registry -> registry.register(customer, device, limit));
    }

    final Device registered(CustomerId customer, DeviceRegistration device) {
        return register(customer, device).device();
    }

    /** By the token that the device has. */
    final Device rotate(CustomerId customer, DeviceToken current, DeviceToken next) {
        return change(
                Scope.EMPTY.withTokens(customer, List.of(current, next)),
                registry -> registry.rotate(customer, current, rotationTo(next), MANY));
    }

    /** By the device's id. */
    final Device rotate(Device device, DeviceToken next) {
        return change(
                Scope.EMPTY.withTokens(device.customer(), List.of(next)).withDevice(device.id()),
                registry -> registry.change(device.customer(), device.id(), Precondition.NONE, rotationTo(next), MANY));
    }

    final void remove(CustomerId customer, DeviceToken token) {
        change(Scope.EMPTY.withTokens(customer, List.of(token)), registry -> {
            registry.remove(customer, token, Observation.ON_ARRIVAL);
            return null;
        });
    }

    final Device remove(Device device) {
        remove(device, Precondition.NONE);
        return stored(device);
    }

    final void remove(Device device, Precondition precondition) {
        change(Scope.EMPTY.withCustomer(device.customer()).withDevice(device.id()), registry -> {
            registry.remove(device.customer(), device.id(), precondition);
            return null;
        });
    }

    final Registry.ReportOutcome reportInvalid(DeviceToken token) {
        return change(
                Scope.EMPTY.withHolderOf(token),
                registry -> registry.reportInvalid(token, InvalidReason.REPORTED, Observation.ON_ARRIVAL));
    }

    final Registry.DescribedCustomer describe(CustomerId customer, ProfileUpdate update) {
        return describe(Examples.CALLER, customer, update);
    }

    final Registry.DescribedCustomer describe(Caller by, CustomerId customer, ProfileUpdate update) {
        return change(by, Scope.EMPTY.withCustomer(customer), registry -> registry.describe(customer, update));
    }

    /** The device as it is stored now. */
    final Device stored(Device device) {
        return ports().devices().device(device.customer(), device.id()).orElseThrow();
    }

    final List<Device> devicesOf(CustomerId customer) {
        return Examples.devicesOf(ports().devices(), customer);
    }

    final List<Device> removedDevicesOf(CustomerId customer) {
        return Search.all().of(customer).being(DeviceStatus.REMOVED).in(ports().devices());
    }

    final Optional<SyncLease> tryLease() {
        return ports().ledger().lease(provider, SyncLane.FRESH, LONG, 1).stream()
                .findFirst();
    }

    private Optional<SyncLease> tryAnyLease() {
        return tryLease()
                .or(() -> ports().ledger().lease(provider, SyncLane.BACKLOG, LONG, 1).stream()
                        .findFirst());
    }

    final SyncLease lease() {
        return tryLease().orElseThrow();
    }

    final SyncLease leaseWhenDue() {
        return await().atMost(Duration.ofSeconds(10))
                .until(this::tryAnyLease, Optional::isPresent)
                .orElseThrow();
    }

    final SyncTask onlyTask(SyncLease lease) {
        assertThat(lease.tasks()).hasSize(1);
        return lease.tasks().getFirst();
    }

    final void settle(SyncLease lease, Settlement.Verdict verdict) {
        settle(lease, _ -> verdict);
    }

    final void settle(SyncLease lease, Function<SyncTask, Settlement.Verdict> verdict) {
        Collection<Settlement> settlements = lease.tasks().stream()
                .map(task -> new Settlement(task.device().id(), task.version(), verdict.apply(task)))
                .toList();
        ports().ledger().settle(lease, settlements);
    }

    /** The provider did all that was asked for. */
    final void confirm(SyncLease lease) {
        settle(lease, task -> new Settlement.Synced(task.device().isActive() ? held(task.device()) : null));
    }

    /** The provider does all that can be asked for. */
    final List<Device> syncAll() {
        List<Device> told = new ArrayList<>();
        for (Optional<SyncLease> next = tryLease(); next.isPresent(); next = tryLease()) {
            confirm(next.get());
            next.get().tasks().forEach(task -> told.add(task.device()));
        }
        return told;
    }

    static Holding held(Device device) {
        return new Holding("remote-" + device.id(), device.type(), device.token());
    }

    final ProviderSync standing(Device device) {
        return ports().ledger()
                .standing(device.customer(), device.id())
                .orElseThrow()
                .getFirst();
    }

    final SyncState stateOf(Device device) {
        return standing(device).state();
    }
}
