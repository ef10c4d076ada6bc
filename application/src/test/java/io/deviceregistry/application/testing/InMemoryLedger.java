package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.DeviceQuery.SyncFilter;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger.Unparked;
import io.deviceregistry.application.port.out.SyncRepair.CustomerLease;
import io.deviceregistry.application.port.out.SyncRepair.Drift;
import io.deviceregistry.application.port.out.SyncRepair.Known;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the providers still have to be told, over a map; {@link InMemoryRegistry} holds the lock. */
final class InMemoryLedger {
    private final Map<DeviceId, Device> devices;
    private final Map<Key, SyncEntry> entries = new LinkedHashMap<>();

    /** @param devices all there are, erased ones included */
    InMemoryLedger(Map<DeviceId, Device> devices) {
        this.devices = devices;
    }

    private record Key(DeviceId device, ProviderId provider) {}

    Runnable undo() {
        Map<Key, SyncEntry> copies = new LinkedHashMap<>();
        entries.forEach((key, entry) -> copies.put(key, entry.copy()));
        return () -> {
            entries.clear();
            entries.putAll(copies);
        };
    }

    void note(Registry.Change change, Writing writing, Instant now) {
        Device after = change.after();
        if (change.concernsProviders()) {
            for (ProviderId provider : writing.providers()) {
                SyncEntry entry =
                        entries.computeIfAbsent(new Key(after.id(), provider), _ -> new SyncEntry(after.customer()));
                entry.makeDue(after.version(), writing.lane(), now);
                entry.ledTo(writing.origin());
            }
        }
        change.tokenGivenUp().ifPresent(token -> of(after.id()).forEach(entry -> entry.gaveUp(token)));
    }

    /** Who has the token, or had it, is not told behind the backlog any more. */
    void lift(DeviceToken token) {
        entries.forEach((key, entry) -> {
            Device device = device(key.device());
            if (entry.givenUp.contains(token)
                    || (device.hasToken() && device.token().equals(token))) {
                entry.lift();
            }
        });
    }

    private Stream<SyncEntry> of(DeviceId device) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getKey().device().equals(device))
                .map(Map.Entry::getValue);
    }

    Optional<SyncLease> lease(
            ProviderId provider,
            SyncLane lane,
            Function<CustomerId, Profile> profiles,
            Duration duration,
            Instant now) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getKey().provider().equals(provider)
                        && entry.getValue().lane() == lane
                        && mayGo(entry.getKey(), entry.getValue(), now))
                .min(Comparator.comparing(entry -> Objects.requireNonNull(entry.getValue().dueAt)))
                .map(first -> lease(provider, first.getValue().customer, profiles, duration, now));
    }

    private boolean mayGo(Key key, SyncEntry entry, Instant now) {
        boolean customerLeased = entries.entrySet().stream()
                .anyMatch(other -> other.getKey().provider().equals(key.provider())
                        && other.getValue().customer.equals(entry.customer)
                        && other.getValue().leasedAt(now));
        return entry.dueAt(now) && !customerLeased && !mustFollow(key, entry);
    }

    private boolean mustFollow(Key key, SyncEntry entry) {
        Device device = device(key.device());
        return device.isActive()
                && entries.entrySet().stream()
                        .filter(other -> other.getKey().provider().equals(key.provider())
                                && !other.getKey().device().equals(key.device())
                                && other.getValue().isPending())
                        .anyMatch(other ->
                                precedes(device(other.getKey().device()), other.getValue(), device.token(), entry));
    }

    private static boolean precedes(Device other, SyncEntry telling, DeviceToken token, SyncEntry own) {
        boolean hadIt = !other.isActive() && other.hasToken() && other.token().equals(token);
        boolean gaveItUp = telling.givenUp.contains(token) && (!other.isActive() || own.givenUp.isEmpty());
        return hadIt || gaveItUp;
    }

    private Device device(DeviceId id) {
        return Objects.requireNonNull(devices.get(id));
    }

    private SyncLease lease(
            ProviderId provider,
            CustomerId customer,
            Function<CustomerId, Profile> profiles,
            Duration duration,
            Instant now) {
        UUID lease = UUID.randomUUID();
        List<SyncTask> tasks = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (key.provider().equals(provider)
                    && entry.customer.equals(customer)
                    && entry.dueAt(now)
                    && !mustFollow(key, entry)) {
                tasks.add(entry.lease(lease, device(key.device()), now.plus(duration)));
            }
        });
        return new SyncLease(lease, provider, customer, profiles.apply(customer), tasks);
    }

    void settle(SyncLease lease, Collection<Settlement> settlements, Instant now) {
        for (Settlement settlement : settlements) {
            SyncEntry entry = entries.get(new Key(settlement.device(), lease.provider()));
            if (entry != null) {
                entry.settle(lease.id(), settlement, now);
            }
        }
    }

    List<ProviderSync> standing(DeviceId device) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getKey().device().equals(device))
                .map(entry -> entry.getValue().standing(entry.getKey().provider()))
                .sorted(Comparator.comparing(sync -> sync.provider().value()))
                .toList();
    }

    SyncTotals totals(ProviderId provider, Instant now) {
        List<SyncEntry> all = of(provider).toList();
        return new SyncTotals(
                all.stream()
                        .filter(SyncEntry::isPending)
                        .collect(Collectors.groupingBy(SyncEntry::lane, Collectors.counting())),
                all.stream()
                        .filter(entry -> entry.state == SyncState.PARKED)
                        .collect(Collectors.groupingBy(SyncEntry::reason, Collectors.counting())),
                count(all, SyncState.UNSUPPORTED),
                all.stream()
                        .filter(SyncEntry::isPending)
                        .map(entry -> Duration.between(entry.pendingSince, now))
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                entries.entrySet().stream()
                        .filter(entry -> entry.getKey().provider().equals(provider))
                        .filter(entry -> entry.getValue().isHeldInVain())
                        .filter(entry -> isHeldByAnother(device(entry.getKey().device()), entry.getValue()))
                        .count());
    }

    double requestsPerDevice(ProviderId provider, int most) {
        Map<CustomerId, Long> pending = entries.entrySet().stream()
                .filter(entry -> entry.getKey().provider().equals(provider))
                .filter(entry -> entry.getValue().isPending())
                .collect(Collectors.groupingBy(
                        entry -> device(entry.getKey().device()).customer(), Collectors.counting()));
        double devices = pending.values().stream().mapToLong(number -> number).sum();
        long requests = pending.values().stream()
                .mapToLong(number -> Math.ceilDiv(number, most))
                .sum();
        return requests == 0 ? 0 : requests / devices;
    }

    long countSynced(ProviderId provider) {
        return of(provider).filter(entry -> entry.state == SyncState.SYNCED).count();
    }

    private boolean isHeldByAnother(Device device, SyncEntry entry) {
        return devices.values().stream()
                .filter(other -> other.isActive() && !other.id().equals(device.id()))
                .map(Device::token)
                .anyMatch(token -> entry.givenUp.contains(token)
                        || (!device.isActive()
                                && device.hasToken()
                                && device.token().equals(token)));
    }

    private static long count(List<SyncEntry> all, SyncState state) {
        return all.stream().filter(entry -> entry.state == state).count();
    }

    /** All that satisfy the query but its limit. */
    Stream<ParkedSync> parked(ParkedQuery query) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().state == SyncState.PARKED)
                .map(entry -> new ParkedSync(
                        entry.getValue().customer,
                        entry.getKey().device(),
                        entry.getValue().standing(entry.getKey().provider())))
                .filter(one -> query.provider() == null || one.sync().provider().equals(query.provider()))
                .filter(one -> query.reason() == null || one.sync().reason() == query.reason())
                .filter(one -> query.after() == null || position(one).compareTo(position(query.after())) > 0)
                .sorted(Comparator.comparing(InMemoryLedger::position));
    }

    private static String position(ParkedSync one) {
        return position(new ParkedQuery.Position(one.sync().provider(), one.device()));
    }

    /** Texts of UUIDs of one version are in the order of their bytes. */
    private static String position(ParkedQuery.Position position) {
        return position.provider() + " " + position.device();
    }

    Unparked unpark(
            ParkedSelection selection, SyncLane lane, ParkedQuery.@Nullable Position after, int limit, Instant now) {
        List<ParkedSync> chosen = parked(new ParkedQuery(selection.provider(), selection.reason(), after, limit))
                .filter(one -> selection.customer() == null || one.customer().equals(selection.customer()))
                .filter(one -> selection.device() == null || one.device().equals(selection.device()))
                .filter(one -> !entry(one).isLeased())
                .limit(limit)
                .toList();
        chosen.forEach(one -> entry(one).unpark(lane, now));
        return new Unparked(
                chosen.size(),
                chosen.size() < limit
                        ? null
                        : new ParkedQuery.Position(
                                chosen.getLast().sync().provider(),
                                chosen.getLast().device()));
    }

    private SyncEntry entry(ParkedSync parked) {
        return Objects.requireNonNull(
                entries.get(new Key(parked.device(), parked.sync().provider())));
    }

    /** The provider may know the customer from now on. */
    void release(CustomerId customer, Instant now) {
        entries.values().stream()
                .filter(entry -> entry.customer.equals(customer)
                        && entry.state == SyncState.PARKED
                        && entry.reason() == SyncReason.CUSTOMER_UNKNOWN)
                .forEach(entry -> entry.unpark(SyncLane.FRESH, now));
    }

    long waiting(ProviderId provider, SyncLane lane) {
        return of(provider)
                .filter(entry -> entry.lane() == lane && entry.isPending())
                .count();
    }

    boolean isAnythingDue(ProviderId provider, Instant now) {
        return of(provider).anyMatch(entry -> entry.isPending() && entry.dueAt(now));
    }

    private Stream<SyncEntry> of(ProviderId provider) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getKey().provider().equals(provider))
                .map(Map.Entry::getValue);
    }

    /** Whether the provider was never to be told of the device until now. */
    boolean addMissing(Device device, ProviderId provider, Instant now) {
        Key key = new Key(device.id(), provider);
        boolean missing = !entries.containsKey(key);
        if (missing) {
            SyncEntry entry = new SyncEntry(device.customer());
            entry.catchUp(device.version(), now);
            entries.put(key, entry);
        }
        return missing;
    }

    Optional<CustomerLease> leaseToCompare(ProviderId provider, CustomerId customer, Duration duration, Instant now) {
        if (of(provider)
                .filter(entry -> entry.customer.equals(customer))
                .anyMatch(entry -> entry.isPending() || entry.leasedAt(now))) {
            return Optional.empty();
        }
        UUID lease = UUID.randomUUID();
        List<Known> known = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (key.provider().equals(provider) && entry.customer.equals(customer)) {
                known.add(entry.leaseToCompare(lease, device(key.device()), now.plus(duration)));
            }
        });
        return Optional.of(new CustomerLease(lease, provider, customer, known));
    }

    void endComparison(CustomerLease lease, Collection<Drift> drifts, Instant now) {
        drifts.forEach(drift -> Objects.requireNonNull(entries.get(new Key(drift.device(), lease.provider())))
                .drifted(lease.id(), drift, now));
        entries.values().forEach(entry -> entry.endComparison(lease.id()));
    }

    boolean hasState(DeviceId device, SyncFilter filter) {
        SyncEntry entry = entries.get(new Key(device, filter.provider()));
        return entry != null && entry.state == filter.state();
    }

    boolean isSettled(DeviceId device) {
        return of(device).noneMatch(entry -> entry.isPending() || entry.state == SyncState.PARKED);
    }

    void remove(DeviceId device) {
        entries.keySet().removeIf(key -> key.device().equals(device));
    }

    /**
     * Makes providers that may hold the device due to be told, and forgets the others.
     *
     * @return the token by which one knows it; empty if none may hold it
     */
    Optional<DeviceToken> erase(Device device, Instant now) {
        entries.entrySet()
                .removeIf(entry -> entry.getKey().device().equals(device.id())
                        && !entry.getValue().mayBeHeld());
        return of(device.id()).map(entry -> entry.erase(device, now)).reduce((first, _) -> first);
    }

    /** Forgets, and tells, how providers settled that were to be told of an erased device. */
    List<ProviderSync> takeSettled(DeviceId device) {
        List<ProviderSync> settled = standing(device).stream()
                .filter(sync -> sync.state() == SyncState.SYNCED || sync.state() == SyncState.UNSUPPORTED)
                .toList();
        settled.forEach(sync -> entries.remove(new Key(device, sync.provider())));
        return settled;
    }
}
