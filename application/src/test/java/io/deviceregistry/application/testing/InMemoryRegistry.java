package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The stateful out-ports over maps and one lock: how the domain's rules read without a database. It passes the same
 * contracts as the PostgreSQL adapter.
 */
public final class InMemoryRegistry implements DeviceStore, SyncLedger, ProviderGate {
    private final InstantSource clock;
    private final Map<CustomerId, Customer> customers = new HashMap<>();
    private final Map<Key, Entry> syncs = new LinkedHashMap<>();
    private final Map<ProviderId, Instant> nextPermit = new HashMap<>();
    private final Map<ProviderId, Instant> pausedUntil = new HashMap<>();

    public InMemoryRegistry(InstantSource clock) {
        this.clock = clock;
    }

    private record Key(DeviceId device, ProviderId provider) {}

    private static final class Entry {
        final CustomerId customer;
        long desiredVersion;
        SyncState state = SyncState.PENDING;

        @Nullable Holding holding;

        @Nullable UUID lease;

        @Nullable Instant leaseUntil;

        @Nullable Instant dueAt;

        int attempts;
        int unconfirmedAttempts;
        int failures;

        @Nullable SyncReason reason;

        @Nullable String lastError;

        Entry(CustomerId customer) {
            this.customer = customer;
        }

        boolean leasedAt(Instant now) {
            return leaseUntil != null && leaseUntil.isAfter(now);
        }

        boolean dueAt(Instant now) {
            return dueAt != null && !dueAt.isAfter(now);
        }
    }

    @Override
    public synchronized List<Registration> register(
            CustomerId customer, List<DeviceRegistration> devices, Set<ProviderId> providers) {
        Instant now = clock.instant();
        List<Registration> results = new ArrayList<>();
        for (DeviceRegistration device : devices) {
            Optional<Device> holder =
                    holder(device.token()).filter(other -> !other.customer().equals(customer));
            holder.ifPresent(other -> save(other, other.transferredAway(), providers, now));
            Customer before = customer(customer);
            Registration result =
                    before.register(device, holder.isPresent(), () -> new DeviceId(UUID.randomUUID()), now);
            save(before.device(device.token()).orElse(null), result.device(), providers, now);
            results.add(result);
        }
        return results;
    }

    @Override
    public synchronized List<Device> devicesOf(CustomerId customer) {
        return customer(customer).devices().stream()
                .filter(device -> device.status() != DeviceStatus.REMOVED)
                .sorted(Comparator.comparing(Device::registeredAt))
                .toList();
    }

    private Customer customer(CustomerId id) {
        return customers.getOrDefault(id, Customer.withoutDevices(id));
    }

    private Optional<Device> holder(DeviceToken token) {
        return customers.values().stream()
                .flatMap(customer -> customer.device(token).stream())
                .filter(Device::isActive)
                .findFirst();
    }

    private void save(@Nullable Device before, Device after, Set<ProviderId> providers, Instant now) {
        customers.put(after.customer(), customer(after.customer()).with(after));
        if (before == null || after.differsForProviders(before)) {
            providers.forEach(provider -> {
                Entry entry = syncs.computeIfAbsent(new Key(after.id(), provider), _ -> new Entry(after.customer()));
                entry.desiredVersion = after.version();
                entry.dueAt = entry.state == SyncState.PENDING && entry.dueAt != null ? entry.dueAt : now;
                entry.state = SyncState.PENDING;
                entry.reason = null;
            });
        }
    }

    @Override
    public synchronized Optional<SyncLease> lease(ProviderId provider, Duration duration) {
        Instant now = clock.instant();
        return syncs.entrySet().stream()
                .filter(sync -> sync.getKey().provider().equals(provider) && mayGo(sync.getKey(), sync.getValue(), now))
                .min(Comparator.comparing(sync -> Objects.requireNonNull(sync.getValue().dueAt)))
                .map(first -> lease(provider, first.getValue().customer, now, duration));
    }

    private boolean mayGo(Key key, Entry entry, Instant now) {
        boolean customerLeased = syncs.entrySet().stream()
                .anyMatch(other -> other.getKey().provider().equals(key.provider())
                        && other.getValue().customer.equals(entry.customer)
                        && other.getValue().leasedAt(now));
        return entry.dueAt(now) && !customerLeased && !mustFollow(key, entry);
    }

    private boolean mustFollow(Key key, Entry entry) {
        Device device = device(entry.customer, key.device());
        return device.isActive()
                && customers.values().stream()
                        .filter(other -> !other.id().equals(entry.customer))
                        .flatMap(other -> other.device(device.token()).stream())
                        .map(other -> syncs.get(new Key(other.id(), key.provider())))
                        .anyMatch(other -> other != null && other.state == SyncState.PENDING);
    }

    private Device device(CustomerId customer, DeviceId id) {
        return customer(customer).devices().stream()
                .filter(device -> device.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private SyncLease lease(ProviderId provider, CustomerId customer, Instant now, Duration duration) {
        UUID lease = UUID.randomUUID();
        List<SyncTask> tasks = new ArrayList<>();
        syncs.forEach((key, entry) -> {
            if (key.provider().equals(provider)
                    && entry.customer.equals(customer)
                    && entry.dueAt(now)
                    && !mustFollow(key, entry)) {
                if (entry.lease != null) {
                    entry.unconfirmedAttempts++;
                }
                entry.attempts++;
                entry.lease = lease;
                entry.leaseUntil = now.plus(duration);
                entry.dueAt = now.plus(duration);
                tasks.add(new SyncTask(
                        device(customer, key.device()),
                        entry.desiredVersion,
                        entry.holding,
                        entry.unconfirmedAttempts,
                        entry.failures));
            }
        });
        return new SyncLease(lease, provider, customer, tasks);
    }

    @Override
    public synchronized void settle(SyncLease lease, Collection<Settlement> settlements) {
        Instant now = clock.instant();
        for (Settlement settlement : settlements) {
            Entry entry = syncs.get(new Key(settlement.device(), lease.provider()));
            if (entry == null || !lease.id().equals(entry.lease)) {
                continue;
            }
            entry.lease = null;
            entry.leaseUntil = null;
            settle(entry, settlement.verdict(), now);
            if (entry.desiredVersion != settlement.version()) {
                entry.state = SyncState.PENDING;
                entry.dueAt = now;
                entry.reason = null;
            }
        }
    }

    private static void settle(Entry entry, Settlement.Verdict verdict, Instant now) {
        switch (verdict) {
            case Settlement.Synced(Holding holding) -> {
                entry.holding = holding;
                describe(entry, SyncState.SYNCED, null, null, null);
                entry.failures = 0;
            }
            case Settlement.Retry(Duration in, boolean unconfirmed, SyncReason reason, String words) -> {
                describe(entry, SyncState.PENDING, now.plus(in), reason, words);
                entry.failures++;
                entry.unconfirmedAttempts += unconfirmed ? 1 : 0;
            }
            case Settlement.Parked(Duration retryIn, SyncReason reason, String words) -> {
                describe(entry, SyncState.PARKED, retryIn == null ? null : now.plus(retryIn), reason, words);
                entry.failures = 0;
            }
            case Settlement.Unsupported(SyncReason reason, String words) -> {
                describe(entry, SyncState.UNSUPPORTED, null, reason, words);
                entry.failures = 0;
            }
            case Settlement.Released(Duration in) -> {
                entry.attempts--;
                entry.dueAt = now.plus(in);
            }
        }
    }

    private static void describe(
            Entry entry,
            SyncState state,
            @Nullable Instant dueAt,
            @Nullable SyncReason reason,
            @Nullable String words) {
        entry.state = state;
        entry.dueAt = dueAt;
        entry.reason = reason;
        entry.lastError = words;
    }

    @Override
    public synchronized Optional<List<ProviderSync>> standing(CustomerId customer, DeviceId device) {
        if (customer(customer).devices().stream().noneMatch(own -> own.id().equals(device))) {
            return Optional.empty();
        }
        return Optional.of(syncs.entrySet().stream()
                .filter(sync -> sync.getKey().device().equals(device))
                .map(sync -> standing(sync.getKey().provider(), sync.getValue()))
                .sorted(Comparator.comparing(sync -> sync.provider().value()))
                .toList());
    }

    private static ProviderSync standing(ProviderId provider, Entry entry) {
        return new ProviderSync(
                provider,
                entry.state,
                entry.holding == null ? null : entry.holding.remoteId(),
                entry.attempts,
                entry.unconfirmedAttempts,
                entry.reason,
                entry.lastError,
                entry.dueAt);
    }

    @Override
    public synchronized Permit reserve(ProviderId provider, int requestsPerMinute, Duration patience) {
        Instant now = clock.instant();
        Instant paused = pausedUntil.getOrDefault(provider, Instant.MIN);
        if (paused.isAfter(now)) {
            return new Permit.Closed(Duration.between(now, paused));
        }
        if (requestsPerMinute == 0) {
            return new Permit.Granted(Duration.ZERO);
        }
        Instant next = nextPermit.getOrDefault(provider, Instant.MIN);
        Instant slot = next.isAfter(now) ? next : now;
        Duration in = Duration.between(now, slot);
        if (in.compareTo(patience) > 0) {
            return new Permit.Closed(in);
        }
        nextPermit.put(provider, slot.plus(Duration.ofMillis(61_200).dividedBy(requestsPerMinute)));
        return new Permit.Granted(in);
    }

    @Override
    public synchronized void pause(ProviderId provider, Duration duration, SyncReason reason) {
        pausedUntil.merge(provider, clock.instant().plus(duration), (one, other) -> one.isAfter(other) ? one : other);
    }
}
