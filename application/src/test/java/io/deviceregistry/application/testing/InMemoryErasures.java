package io.deviceregistry.application.testing;

import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.Erasure.AtProvider;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.RemovalReason;
import io.deviceregistry.domain.SyncState;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Erasures under way and done; {@link InMemoryRegistry} holds the lock. */
final class InMemoryErasures {
    private final Map<DeviceId, Device> devices;
    private final InMemoryLedger ledger;
    private final Map<DeviceId, ErasureId> erased = new LinkedHashMap<>();
    private final Map<ErasureId, State> states = new LinkedHashMap<>();

    InMemoryErasures(Map<DeviceId, Device> devices, InMemoryLedger ledger) {
        this.devices = devices;
        this.ledger = ledger;
    }

    private static final class State {
        final CustomerId customer;
        final Instant requestedAt;
        final Caller requestedBy;
        final int devices;
        final Map<String, AtProvider> counted = new HashMap<>();

        @Nullable Instant completedAt;

        State(CustomerId customer, Instant requestedAt, Caller requestedBy, int devices) {
            this.customer = customer;
            this.requestedAt = requestedAt;
            this.requestedBy = requestedBy;
            this.devices = devices;
        }

        void count(AtProvider more) {
            counted.merge(more.provider().value(), more, InMemoryErasures::sum);
        }
    }

    boolean concern(DeviceId device) {
        return erased.containsKey(device);
    }

    /** The latest, where there are several. */
    Optional<ErasureId> underWay(CustomerId customer) {
        return states.entrySet().stream()
                .filter(state -> state.getValue().completedAt == null
                        && state.getValue().customer.equals(customer))
                .map(Map.Entry::getKey)
                .reduce((_, latest) -> latest);
    }

    ErasureId begin(Caller by, CustomerId customer, List<Device> owned, Instant now) {
        ErasureId id = new ErasureId(UUID.randomUUID());
        states.put(id, new State(customer, now, by, owned.size()));
        for (Device device : owned) {
            ledger.erase(device, now)
                    .ifPresentOrElse(
                            token -> {
                                devices.put(device.id(), erased(device, token, now));
                                erased.put(device.id(), id);
                            },
                            () -> devices.remove(device.id()));
        }
        return id;
    }

    private static Device erased(Device device, DeviceToken token, Instant now) {
        return new Device(
                device.id(),
                device.customer(),
                device.type(),
                token,
                DeviceStatus.REMOVED,
                RemovalReason.DEREGISTERED,
                null,
                device.version() + 1,
                DeviceMetadata.NONE,
                device.registeredAt(),
                device.lastSeenAt(),
                device.asOf(),
                now);
    }

    int countSettled() {
        int settled = 0;
        for (DeviceId device : List.copyOf(erased.keySet())) {
            State state = Objects.requireNonNull(states.get(erased.get(device)));
            List<ProviderSync> taken = ledger.takeSettled(device);
            taken.forEach(sync -> state.count(at(sync)));
            settled += taken.size();
            if (ledger.standing(device).isEmpty()) {
                erased.remove(device);
                devices.remove(device);
            }
        }
        return settled;
    }

    /** @return how many are complete by this */
    int complete(Instant now) {
        List<State> complete = states.entrySet().stream()
                .filter(state -> state.getValue().completedAt == null && !erased.containsValue(state.getKey()))
                .map(Map.Entry::getValue)
                .toList();
        complete.forEach(state -> state.completedAt = now);
        return complete.size();
    }

    Optional<Erasure> find(ErasureId id) {
        return Optional.ofNullable(states.get(id))
                .map(state -> new Erasure(
                        id,
                        state.requestedAt,
                        state.requestedBy,
                        state.completedAt,
                        // It keeps no changes.
                        state.requestedAt,
                        state.devices,
                        providers(id, state)));
    }

    private List<AtProvider> providers(ErasureId id, State state) {
        Map<String, AtProvider> sums = new LinkedHashMap<>();
        Stream.concat(
                        state.counted.values().stream(),
                        erased.entrySet().stream()
                                .filter(entry -> entry.getValue().equals(id))
                                .flatMap(entry -> ledger.standing(entry.getKey()).stream())
                                .map(InMemoryErasures::at))
                .sorted((one, other) ->
                        one.provider().value().compareTo(other.provider().value()))
                .forEach(one -> sums.merge(one.provider().value(), one, InMemoryErasures::sum));
        return List.copyOf(sums.values());
    }

    private static AtProvider at(ProviderSync sync) {
        return new AtProvider(
                sync.provider(),
                sync.state() == SyncState.SYNCED ? 1 : 0,
                sync.state() == SyncState.PENDING ? 1 : 0,
                sync.state() == SyncState.PARKED ? 1 : 0,
                sync.state() == SyncState.UNSUPPORTED ? 1 : 0);
    }

    private static AtProvider sum(AtProvider one, AtProvider other) {
        return new AtProvider(
                one.provider(),
                one.confirmed() + other.confirmed(),
                one.pending() + other.pending(),
                one.parked() + other.parked(),
                one.unsupported() + other.unsupported());
    }
}
