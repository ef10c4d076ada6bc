package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.port.out.Changes;
import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.EncryptionKey;
import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncLedger.Unparked;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.application.port.out.SyncRepair.CustomerLease;
import io.deviceregistry.application.port.out.SyncRepair.Drift;
import io.deviceregistry.application.port.out.SyncRepair.DriftKind;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ChangeKind;
import io.deviceregistry.domain.ChangesGoneException;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceChange;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.RequestUnderWayException;
import io.deviceregistry.domain.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The stateful out-ports, but the gate, over maps and one lock: how they read without a database. It passes the same
 * contracts as the PostgreSQL adapter.
 */
public final class InMemoryRegistry
        implements DeviceStore, CustomerStore, IdempotencyRecords, Upkeep, SyncLedger, SyncRepair, ChangeFeed {
    private final InstantSource clock;
    private final Map<DeviceId, Device> devices = new TreeMap<>();
    private final Map<CustomerId, Customer> customers = new HashMap<>();
    private final InMemoryLedger ledger = new InMemoryLedger(devices);
    private final InMemoryErasures erasures = new InMemoryErasures(devices, ledger);
    private final Map<RequestKey, KeptAnswer> answers = new HashMap<>();
    private final Set<RequestKey> underWay = ConcurrentHashMap.newKeySet();
    private long idsGiven;
    private final UUID generation = UUID.randomUUID();
    private final List<DeviceChange> changes = new ArrayList<>();
    private final Walk staleWalk = new Walk();
    private final Map<ProviderId, Walk> sweeps = new HashMap<>();
    private final Map<ProviderId, CustomerId> compared = new HashMap<>();
    private final Map<ProviderId, Instant> comparedAt = new HashMap<>();
    private final Map<ProviderId, Map<DriftKind, Long>> drift = new HashMap<>();

    /** Over all devices in the order of their ids. */
    private static final class Walk {
        private @Nullable DeviceId position;
        private Instant begun = Instant.EPOCH;

        boolean isUnderWay() {
            return position != null;
        }

        boolean goesOn(Instant now, Duration interval) {
            return isUnderWay() || !begun.isAfter(now.minus(interval));
        }

        List<Device> next(Collection<Device> all, int window, Instant now) {
            begun = isUnderWay() ? begun : now;
            DeviceId after = position;
            List<Device> lookedAt = all.stream()
                    .filter(device -> after == null || device.id().compareTo(after) > 0)
                    .limit(window)
                    .toList();
            position = lookedAt.size() == window ? lookedAt.getLast().id() : null;
            return lookedAt;
        }
    }

    private record KeptAnswer(int request, String content, Instant at) {}

    public InMemoryRegistry(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized <T extends @Nullable Object> T change(
            Writing writing, Scope scope, Function<Registry, T> change) {
        Instant now = clock.instant();
        Registry registry = new Registry(
                scope,
                writing.by(),
                now,
                this::newId,
                scope.customers().stream()
                        .map(customers::get)
                        .filter(Objects::nonNull)
                        .toList(),
                scope.customers().stream().collect(Collectors.toMap(Function.identity(), this::activeDevices)),
                scope.formerHolders() ? formerHolders(scope.tokens()) : Map.of(),
                known().filter(device -> isIn(scope, device)).toList());
        T result = change.apply(registry);
        registry.changedCustomers().forEach(customer -> {
            if (!customer.profile().equals(Profile.NONE)) {
                ledger.release(customer.id(), now);
            }
            customers.put(customer.id(), customer);
        });
        registry.changedDevices().forEach(changed -> {
            devices.put(changed.after().id(), changed.after());
            ledger.note(changed, writing, now);
            changed.kind()
                    .ifPresent(
                            kind -> note(kind, changed.after(), changed.after().version(), writing.by()));
        });
        if (writing.lane() == SyncLane.FRESH) {
            scope.tokens().forEach(token -> ledger.lift(token.token()));
        }
        return result;
    }

    @Override
    public Answer changeOnce(
            Writing writing,
            Scope scope,
            IdempotentRequest request,
            Duration maxAge,
            Function<Registry, String> change) {
        return exclusively(
                        request.key(),
                        slot -> slot.kept(request.content(), maxAge)
                                .map(Kept::repeated)
                                .orElseGet(() -> {
                                    String answer = change(writing, scope, change);
                                    slot.keep(request.content(), answer);
                                    return new Answer(answer, false);
                                }))
                .orElseThrow(RequestUnderWayException::new);
    }

    private void note(ChangeKind kind, Device device, long version, Caller by) {
        changes.add(new DeviceChange(kind, device.id(), device.customer(), version, by, clock.instant()));
    }

    @Override
    public synchronized Changes changes(@Nullable ChangeCursor after, int limit) {
        if (after != null && !after.generation().equals(generation)) {
            throw ChangesGoneException.becauseOfAnotherOrigin();
        }
        if (after != null && after.transaction() > changes.size()) {
            throw ChangesGoneException.becauseOfARestore();
        }
        int begin = after == null ? 0 : (int) after.transaction();
        int next = Math.min(changes.size(), begin + limit);
        return new Changes(changes.subList(begin, next), new ChangeCursor(generation, next, 0));
    }

    @Override
    public synchronized ChangeCursor end() {
        return new ChangeCursor(generation, changes.size(), 0);
    }

    /** Of the form of version 7, ascending. */
    private DeviceId newId() {
        return new DeviceId(new UUID(++idsGiven << 16 | 0x7000, Long.MIN_VALUE));
    }

    /** Devices of customers who were not erased. */
    private Stream<Device> known() {
        return devices.values().stream().filter(device -> !erasures.concern(device.id()));
    }

    private Stream<Device> knownOf(CustomerId customer) {
        return known().filter(device -> device.customer().equals(customer));
    }

    private int activeDevices(CustomerId customer) {
        return (int) knownOf(customer).filter(Device::isActive).count();
    }

    private Map<DeviceToken, Instant> formerHolders(Set<Scope.Token> tokens) {
        Set<DeviceToken> asked = tokens.stream().map(Scope.Token::token).collect(Collectors.toSet());
        return known().filter(device -> !device.isActive() && device.hasToken())
                .filter(device -> asked.contains(device.token()))
                .collect(Collectors.toMap(
                        Device::token, Device::lastSeenAt, (one, other) -> one.isAfter(other) ? one : other));
    }

    private static boolean isIn(Scope scope, Device device) {
        return scope.devices().contains(device.id())
                || scope.tokens().stream()
                        .filter(token -> token.token().equals(device.token()) && device.hasToken())
                        .anyMatch(
                                token -> device.isActive() || device.customer().equals(token.customer()));
    }

    @Override
    public synchronized Optional<Device> device(CustomerId customer, DeviceId device) {
        return knownOf(customer).filter(known -> known.id().equals(device)).findFirst();
    }

    @Override
    public synchronized Page<Device, DeviceId> devices(DeviceQuery query) {
        return page(
                known().filter(device -> query.after() == null || device.id().compareTo(query.after()) > 0)
                        .filter(device -> matches(device, query)),
                query.limit(),
                Device::id);
    }

    @Override
    public synchronized long estimate(Set<DeviceStatus> statuses) {
        return known().filter(device -> statuses.contains(device.status())).count();
    }

    private boolean matches(Device device, DeviceQuery query) {
        return query.statuses().contains(device.status())
                && (query.customer() == null || device.customer().equals(query.customer()))
                && (query.token() == null
                        || (device.hasToken() && device.token().equals(query.token())))
                && (query.type() == null || device.type().equals(query.type()))
                && (query.seenBefore() == null || device.lastSeenAt().isBefore(query.seenBefore()))
                && (query.seenAfter() == null || device.lastSeenAt().isAfter(query.seenAfter()))
                && (query.sync() == null || ledger.hasState(device.id(), query.sync()));
    }

    private static <T, P> Page<T, P> page(Stream<T> ordered, int limit, Function<T, P> position) {
        return Page.of(ordered.limit(limit + 1L).toList(), limit, position);
    }

    @Override
    public synchronized Optional<Customer> customer(CustomerId customer) {
        return Optional.ofNullable(customers.get(customer));
    }

    @Override
    public synchronized Page<Customer, CustomerId> customers(CustomerQuery query) {
        Comparator<Customer> byId =
                Comparator.comparing(customer -> customer.id().value());
        return page(
                customers.values().stream()
                        .filter(customer -> query.ids() == null || query.ids().contains(customer.id()))
                        .filter(customer -> query.emails() == null
                                || query.emails().stream()
                                        .anyMatch(email ->
                                                email.equals(customer.profile().email())))
                        .filter(customer -> query.after() == null
                                || customer.id().value().compareTo(query.after().value()) > 0)
                        .sorted(byId),
                query.limit(),
                Customer::id);
    }

    @Override
    public synchronized Optional<Erasure> erase(Caller by, CustomerId customer) {
        if (customers.remove(customer) == null) {
            return erasures.underWay(customer).flatMap(erasures::find);
        }
        List<Device> owned = knownOf(customer).toList();
        ErasureId begun = erasures.begin(by, customer, owned, clock.instant());
        owned.forEach(device -> note(ChangeKind.ERASED, device, device.version() + 1, by));
        erasures.complete(clock.instant());
        return erasures.find(begun);
    }

    @Override
    public synchronized Optional<Erasure> erasure(ErasureId erasure) {
        return erasures.find(erasure);
    }

    @Override
    public <T> Optional<T> exclusively(RequestKey key, Function<Slot, T> work) {
        if (!underWay.add(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(atomically(() -> work.apply(new AnswerSlot(key))));
        } finally {
            underWay.remove(key);
        }
    }

    interface Work<T> {
        T run();
    }

    synchronized <T> T atomically(Work<T> work) {
        Map<DeviceId, Device> devicesBefore = Map.copyOf(devices);
        Map<CustomerId, Customer> customersBefore = Map.copyOf(customers);
        Map<RequestKey, KeptAnswer> answersBefore = Map.copyOf(answers);
        int changesBefore = changes.size();
        Runnable undoLedger = ledger.undo();
        try {
            return work.run();
        } catch (RuntimeException e) {
            devices.clear();
            devices.putAll(devicesBefore);
            customers.clear();
            customers.putAll(customersBefore);
            answers.clear();
            answers.putAll(answersBefore);
            changes.subList(changesBefore, changes.size()).clear();
            undoLedger.run();
            throw e;
        }
    }

    private final class AnswerSlot implements Slot {
        private final RequestKey key;

        AnswerSlot(RequestKey key) {
            this.key = key;
        }

        @Override
        public Optional<Kept> kept(byte[] request, Duration maxAge) {
            return Optional.ofNullable(answers.get(key))
                    .filter(answer -> answer.at().isAfter(clock.instant().minus(maxAge)))
                    .map(answer -> new Kept(answer.request() == Arrays.hashCode(request), answer.content()));
        }

        @Override
        public void keep(byte[] request, String answer) {
            answers.put(key, new KeptAnswer(Arrays.hashCode(request), answer, clock.instant()));
        }
    }

    @Override
    public synchronized StaleDevices nextStaleDevices(Map<DeviceType, Duration> ages, Duration interval, int window) {
        Instant now = clock.instant();
        if (!staleWalk.goesOn(now, interval)) {
            return new StaleDevices(List.of(), false);
        }
        List<Device> lookedAt = staleWalk.next(devices.values(), window, now);
        return new StaleDevices(
                lookedAt.stream()
                        .filter(device -> device.isActive()
                                && ages.containsKey(device.type())
                                && device.lastSeenAt()
                                        .isBefore(now.minus(Objects.requireNonNull(ages.get(device.type())))))
                        .map(Device::id)
                        .toList(),
                staleWalk.isUnderWay());
    }

    @Override
    public synchronized int purgeRemovedDevices(Duration retention, int limit) {
        List<DeviceId> purged = known().filter(device -> device.status() == DeviceStatus.REMOVED)
                .filter(device -> device.statusSince().isBefore(clock.instant().minus(retention)))
                .map(Device::id)
                .filter(ledger::isSettled)
                .limit(limit)
                .toList();
        purged.forEach(ledger::remove);
        purged.forEach(devices::remove);
        return purged.size();
    }

    @Override
    public synchronized int finishErasures(int limit) {
        return Math.min(limit, Math.max(erasures.countSettled(), erasures.complete(clock.instant())));
    }

    @Override
    public synchronized int forgetAnswers(Duration age, int limit) {
        List<RequestKey> old = answers.entrySet().stream()
                .filter(answer ->
                        answer.getValue().at().isBefore(clock.instant().minus(age)))
                .map(Map.Entry::getKey)
                .limit(limit)
                .toList();
        old.forEach(answers::remove);
        return old.size();
    }

    @Override
    public synchronized List<SyncLease> lease(ProviderId provider, SyncLane lane, Duration duration, int most) {
        return Stream.generate(() -> ledger.lease(provider, lane, this::profile, duration, clock.instant()))
                .takeWhile(Optional::isPresent)
                .map(Optional::orElseThrow)
                .limit(most)
                .toList();
    }

    private Profile profile(CustomerId customer) {
        Customer known = customers.get(customer);
        return known == null ? Profile.NONE : known.profile();
    }

    @Override
    public synchronized void settle(SyncLease lease, Collection<Settlement> settlements) {
        ledger.settle(lease, settlements, clock.instant());
        if (!profile(lease.customer()).equals(lease.profile())) {
            ledger.release(lease.customer(), clock.instant());
        }
    }

    @Override
    public synchronized SyncTotals totals(ProviderId provider) {
        return ledger.totals(provider, clock.instant());
    }

    @Override
    public synchronized double requestsPerDevice(ProviderId provider, int most) {
        return ledger.requestsPerDevice(provider, most);
    }

    @Override
    public synchronized long countSynced(ProviderId provider) {
        return ledger.countSynced(provider);
    }

    @Override
    public synchronized Page<ParkedSync, ParkedQuery.Position> parked(ParkedQuery query) {
        return page(
                ledger.parked(query),
                query.limit(),
                one -> new ParkedQuery.Position(one.sync().provider(), one.device()));
    }

    @Override
    public synchronized Unparked unpark(
            ParkedSelection selection, SyncLane lane, ParkedQuery.@Nullable Position after, int limit) {
        return ledger.unpark(selection, lane, after, limit, clock.instant());
    }

    @Override
    public synchronized Sweep sweep(ProviderId provider, Duration interval, int window, int mostWaiting) {
        Instant now = clock.instant();
        Walk walk = sweeps.computeIfAbsent(provider, _ -> new Walk());
        if (ledger.waiting(provider, SyncLane.BACKLOG) >= mostWaiting || !walk.goesOn(now, interval)) {
            return new Sweep(0, false);
        }
        List<Device> lookedAt = walk.next(devices.values(), window, now);
        int added = (int) lookedAt.stream()
                .filter(Device::isActive)
                .filter(device -> ledger.addMissing(device, provider, now))
                .count();
        return new Sweep(added, walk.isUnderWay());
    }

    @Override
    public synchronized Optional<CustomerId> nextToCompare(ProviderId provider, Duration pace) {
        Instant now = clock.instant();
        if (ledger.isAnythingDue(provider, now)
                || comparedAt.getOrDefault(provider, Instant.EPOCH).isAfter(now.minus(pace))) {
            return Optional.empty();
        }
        CustomerId last = compared.get(provider);
        Optional<CustomerId> next = customers.keySet().stream()
                .filter(customer -> last == null || customer.value().compareTo(last.value()) > 0)
                .min(Comparator.comparing(CustomerId::value));
        comparedAt.put(provider, now);
        next.ifPresentOrElse(customer -> compared.put(provider, customer), () -> compared.remove(provider));
        return next;
    }

    @Override
    public synchronized Optional<CustomerLease> leaseToCompare(
            ProviderId provider, CustomerId customer, Duration duration) {
        return customers.containsKey(customer)
                ? ledger.leaseToCompare(provider, customer, duration, clock.instant())
                : Optional.empty();
    }

    @Override
    public synchronized void endComparison(CustomerLease lease, Collection<Drift> drifts, int strangers) {
        drifts.forEach(drift -> drift(lease.provider(), drift.kind(), 1));
        drift(lease.provider(), DriftKind.EXTRA, strangers);
        ledger.endComparison(lease, drifts, clock.instant());
    }

    private void drift(ProviderId provider, DriftKind kind, long number) {
        drift.computeIfAbsent(provider, _ -> new EnumMap<>(DriftKind.class)).merge(kind, number, Long::sum);
    }

    @Override
    public synchronized Map<DriftKind, Long> drift(ProviderId provider) {
        Map<DriftKind, Long> found = new EnumMap<>(DriftKind.class);
        for (DriftKind kind : DriftKind.values()) {
            found.put(kind, drift.getOrDefault(provider, Map.of()).getOrDefault(kind, 0L));
        }
        return found;
    }

    @Override
    public synchronized Optional<List<ProviderSync>> standing(CustomerId customer, DeviceId device) {
        return device(customer, device).map(known -> ledger.standing(known.id()));
    }

    /** Maps want no maintenance. */
    @Override
    public int maintain(int window) {
        return 0;
    }

    @Override
    public List<EncryptionKey> encryptionKeys() {
        return List.of();
    }
}
