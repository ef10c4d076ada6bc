package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Doubt;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.SyncReason;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The ledger in {@code device_sync}. Claims and settlements are short transactions; none is open during a call. */
@ApplicationScoped
class PostgresSyncLedger implements SyncLedger {

    /**
     * Whether the sync row {@code s} of the device {@code d} need not wait for other customers' devices. An active device
     * must follow whoever had its token: devices that have it and are not active, by a probe of device_former_holders, and
     * devices that gave it up, by one of token_release. Of two active devices that each gave up a token, neither waits for
     * the other, or a circle of them would wait for ever.
     *
     * <p>Each question is a few probes of an index; the laterals and fences keep it that while the tables grow faster than
     * the planner's statistics, when it would rather begin with everything that is pending.
     */
    private static final String FOLLOWS_NOBODY = """
            not exists (
              select from (select f.id from device f
                            where f.token_hash = d.token_hash and f.status <> 'ACTIVE' offset 0) former
               cross join lateral (
                     select from device_sync t
                      where t.device_id = former.id and t.provider = s.provider and t.state = 'PENDING'
                      limit 1) telling
               where d.status = 'ACTIVE')
            and not exists (
              select from (select r.device_id from token_release r
                            where r.token_hash = d.token_hash and r.provider = s.provider and r.device_id <> d.id
                           offset 0) released
               cross join lateral (
                     select from device_sync t
                      where t.device_id = released.device_id and t.provider = s.provider and t.state = 'PENDING'
                      limit 1) telling
               cross join lateral (
                     select g.status from device g where g.id = released.device_id limit 1) giver
               where d.status = 'ACTIVE'
                 and (giver.status <> 'ACTIVE' or not exists (
                       select from token_release own
                        where own.device_id = d.id and own.provider = s.provider)))
            """;

    /** Whether nothing of the customer is leased at the provider; a probe for each of the customer's devices. */
    private static final String NOBODY_IS_BUSY = """
            not exists (
              select from (select i.id from device i where i.customer_id = %1$s.customer_id offset 0) sibling
               cross join lateral (
                     select from device_sync b
                      where b.device_id = sibling.id and b.provider = %2$s and b.lease_until > now()
                      limit 1) busy)
            """;

    /**
     * Of the questions above none is worth a scan, nor planning anew for each few customers. Holds for the whole
     * transaction.
     */
    private static final String BY_INDEX = """
            select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
                   set_config('enable_mergejoin', 'off', true),
                   set_config('plan_cache_mode', 'force_generic_plan', true)""";

    /**
     * Leases the customers' due devices, now that nobody else can be claiming them. Asks again what the claim asked: a
     * claim that committed in between may have leased some. A lease still standing on a due row ran out. Nobody is waited
     * for, so the order of the rows does not matter.
     *
     * <p>A change of a device may commit between the look at the device and the lock of its row. The row is looked at again
     * then, as it is now, but the device is not, nor whom it follows: by the token that it has taken back, maybe, somebody
     * else is known to the provider. The row's version is ahead of the device's then, and the next claim looks at both.
     */
    private static final String LEASE_DEVICES =
            """
            update device_sync leased
               set lease = due.new_lease, compared_by = null, lease_until = now() + ? * interval '1 microsecond',
                   due_at = now() + ? * interval '1 microsecond',
                   attempts = leased.attempts + 1,
                   unconfirmed_attempts = leased.unconfirmed_attempts + (leased.lease is not null)::int,
                   strikes = leased.strikes + (leased.lease is not null)::int,
                   uncertain = leased.uncertain or leased.lease is not null
              from (select s.device_id, s.provider, claimed.lease as new_lease
                      from (select c.customer_id, c.lease, c.provider
                              from (select *, ?::text as provider from unnest(?::text[], ?::uuid[]) c(customer_id, lease)) c
                             where %s offset 0) claimed
                      join device d on d.customer_id = claimed.customer_id
                      join device_sync s on s.device_id = d.id and s.provider = claimed.provider
                     where s.due_at <= now() and s.desired_version <= d.version and %s
                       for update of s skip locked) due
             where leased.device_id = due.device_id and leased.provider = due.provider""".formatted(NOBODY_IS_BUSY.formatted("c", "c.provider"), FOLLOWS_NOBODY);

    /**
     * Reads the leased devices. A statement of its own, after their rows in device_sync are locked: a change that
     * concerns a provider needs that lock too, so device and desired version fit together. An erased device has no token
     * but the one that the provider knows.
     */
    private static final String READ_LEASED = """
            select %s, s.lease, coalesce(d.token_cipher, s.held_token_cipher) as token_cipher,
                   s.desired_version, s.remote_id, s.held_type, s.held_token_cipher, s.uncertain,
                   s.state = 'PARKED' as parked, s.failures, s.strikes, s.former_token_ciphers, s.traceparent
              from unnest(?::text[], ?::uuid[]) claimed(customer_id, lease)
              join device d on d.customer_id = claimed.customer_id
              join device_sync s on s.device_id = d.id and s.provider = ? and s.lease = claimed.lease
             order by d.id""".formatted(DeviceRow.COLUMNS);

    /** Takes out of the queue what would otherwise stand at its head for ever. It was leased in this transaction. */
    private static final String PARK_UNREADABLE = """
            update device_sync
               set state = 'PARKED', reason = ?, last_error = ?, due_at = null, lease = null, lease_until = null,
                   attempts = attempts - 1
             where device_id = ? and provider = ?""";

    /**
     * Settles devices whose lease is still ours, in the order in which they are given. What changed meanwhile is due at
     * once, with its new version and whatever the provider holds by now, unless this attempt may still take effect; but if
     * it was erased meanwhile and the provider holds nothing, then nothing is left to tell, nor a token to tell it by. Once
     * it is not pending, nobody waits for the tokens that it gave up; they stay noted until the provider was told. What
     * parked is tried again, if at all, where nobody waits for it.
     */
    private static final String SETTLE = BY_INDEX + """
            ;
            with settled as (
            update device_sync s
               set lease = null, lease_until = null,
                   state = case when s.desired_version = v.version or s.erased and v.gone then v.state
                                else 'PENDING' end,
                   due_at = case when s.desired_version = v.version or s.erased and v.gone or v.unconfirmed = 1
                                 then now() + v.due_in * interval '1 microsecond'
                                 else now() end,
                   reason = case when s.desired_version = v.version then v.reason end,
                   last_error = v.words,
                   synced_version = case when v.state = 'SYNCED' then v.version else s.synced_version end,
                   remote_id = case when v.state = 'SYNCED' then v.remote_id else s.remote_id end,
                   held_type = case when v.state = 'SYNCED' then v.held_type else s.held_type end,
                   held_token_cipher = case when v.state = 'SYNCED' then v.held_token else s.held_token_cipher end,
                   unconfirmed_attempts = s.unconfirmed_attempts + v.unconfirmed,
                   backlog = case when v.state = 'PARKED' then s.desired_version = v.version else s.backlog end,
                   uncertain = v.uncertain,
                   former_token_ciphers = case when v.uncertain then s.former_token_ciphers end,
                   failures = case when v.state = 'PENDING' or v.state = 'PARKED' and s.state = 'PARKED'
                                   then s.failures + 1 else 0 end,
                   strikes = case when v.state = 'PENDING' then s.strikes + v.strikes else 0 end
              from (select *, state = 'SYNCED' and held_token is null as gone
                      from unnest(?::uuid[], ?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::bigint[], ?::text[],
                                  ?::text[], ?::text[], ?::text[], ?::bytea[], ?::bigint[], ?::boolean[], ?::bigint[])
                             as v(device_id, provider, lease, version, state, due_in, reason, words, remote_id, held_type,
                                  held_token, unconfirmed, uncertain, strikes)) v
             where s.device_id = v.device_id and s.provider = v.provider and s.lease = v.lease
            returning s.device_id, s.provider, s.state)
            delete from token_release r using settled
             where r.device_id = settled.device_id and r.provider = settled.provider and settled.state = 'SYNCED'""";

    /** Does not let rest what parked for want of a customer of whom more is known by now than when it was leased. */
    private static final String RELEASE_IF_DESCRIBED = """
            update device_sync s
               set state = 'PENDING', reason = null, backlog = false, due_at = now(), pending_since = now()
              from customer c
             where c.id = ? and (c.email, c.first_name, c.last_name, c.phone_no)
                                is distinct from (?::text, ?::text, ?::text, ?::text)
               and s.device_id = any (?::uuid[]) and s.provider = ? and s.lease is null
               and s.state = 'PARKED' and s.reason = 'CUSTOMER_UNKNOWN'""";

    /** Gives a device back as it was before the claim. */
    private static final String RELEASE = """
            update device_sync
               set lease = null, lease_until = null, attempts = attempts - 1,
                   due_at = case when desired_version = ? then now() + ? * interval '1 microsecond' else now() end
             where device_id = ? and provider = ? and lease = ?""";

    /** Rows that a count reads in less than a second. */
    private static final int COUNTED = 1_000_000;

    private final Transactions transactions;
    private final TokenVault vault;
    private final Together<Settled> confirmations = new Together<>(1, this::confirm);

    /** Claims at the same moment look at the same customers, and find most of them taken. */
    private final Map<ProviderId, Lock> claims = new ConcurrentHashMap<>();

    PostgresSyncLedger(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    @Override
    public List<SyncLease> lease(ProviderId provider, SyncLane lane, Duration duration, int most) {
        Lock turn = claims.computeIfAbsent(provider, _ -> new ReentrantLock());
        turn.lock();
        try {
            return claim(provider, lane, duration, most);
        } finally {
            turn.unlock();
        }
    }

    private List<SyncLease> claim(ProviderId provider, SyncLane lane, Duration duration, int most) {
        return transactions.run(connection -> {
            List<Claimed> claimed = claimCustomers(connection, provider, lane, most);
            if (claimed.isEmpty()) {
                return List.of();
            }
            leaseDevices(connection, provider, claimed, duration);
            List<UnreadableTokenException> unreadable = new ArrayList<>();
            Map<UUID, List<SyncTask>> tasks = readLeased(connection, provider, claimed, unreadable);
            if (!unreadable.isEmpty()) {
                park(connection, provider, unreadable);
            }
            return claimed.stream()
                    .filter(one -> tasks.containsKey(one.lease()))
                    .map(one -> new SyncLease(
                            one.lease(),
                            provider,
                            one.customer(),
                            one.profile(),
                            requireNonNull(tasks.get(one.lease()))))
                    .toList();
        });
    }

    private record Claimed(UUID lease, CustomerId customer, Profile profile) {}

    /**
     * Finds and locks the customers who have waited longest in a lane. It reads the head of device_sync_due_by_lane: the
     * limits are literal and the clock is now(), which is fixed within the transaction, for otherwise the plan is a scan.
     * Customers whom another claim holds at this moment are skipped.
     */
    static String claimCustomers(int most) {
        return """
            select c.id, c.email, c.first_name, c.last_name, c.phone_no
              from (select head.customer_id, min(head.due_at) as due_at
                      from (select s.customer_id, s.due_at
                              from device_sync s
                             cross join lateral (select * from device where id = s.device_id limit 1) d
                             where s.provider = ? and s.backlog = ? and s.due_at <= now() and %s and %s
                             order by s.due_at
                             limit 50) head
                     group by head.customer_id) waiting
              join customer c on c.id = waiting.customer_id
             order by waiting.due_at
             limit %d
               for no key update of c skip locked""".formatted(FOLLOWS_NOBODY, NOBODY_IS_BUSY.formatted("d", "s.provider"), most);
    }

    private static List<Claimed> claimCustomers(Connection connection, ProviderId provider, SyncLane lane, int most)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BY_INDEX + ";\n" + claimCustomers(most))) {
            statement.setString(1, provider.value());
            statement.setBoolean(2, lane == SyncLane.BACKLOG);
            List<Claimed> claimed = new ArrayList<>();
            statement.execute();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                while (row.next()) {
                    claimed.add(new Claimed(
                            UUID.randomUUID(),
                            new CustomerId(row.getString("id")),
                            new Profile(
                                    row.getString("email"),
                                    row.getString("first_name"),
                                    row.getString("last_name"),
                                    row.getString("phone_no"))));
                }
            }
            return claimed;
        }
    }

    private static void leaseDevices(
            Connection connection, ProviderId provider, List<Claimed> claimed, Duration duration) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LEASE_DEVICES)) {
            new Arguments(statement)
                    .micros(duration)
                    .micros(duration)
                    .text(provider.value())
                    .texts(claimed, one -> one.customer().value())
                    .uuids(claimed, Claimed::lease);
            statement.executeUpdate();
        }
    }

    /** By lease; what cannot be read is put aside. */
    private Map<UUID, List<SyncTask>> readLeased(
            Connection connection,
            ProviderId provider,
            List<Claimed> claimed,
            List<UnreadableTokenException> unreadable)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READ_LEASED)) {
            new Arguments(statement)
                    .texts(claimed, one -> one.customer().value())
                    .uuids(claimed, Claimed::lease)
                    .text(provider.value());
            Map<UUID, List<SyncTask>> tasks = new HashMap<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    try {
                        tasks.computeIfAbsent(row.getObject("lease", UUID.class), _ -> new ArrayList<>())
                                .add(task(row));
                    } catch (UnreadableTokenException e) {
                        unreadable.add(e);
                    }
                }
            }
            tasks.values().removeIf(List::isEmpty);
            return tasks;
        }
    }

    private static void park(Connection connection, ProviderId provider, List<UnreadableTokenException> unreadable)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PARK_UNREADABLE)) {
            for (UnreadableTokenException e : unreadable) {
                System.getLogger(PostgresSyncLedger.class.getName())
                        .log(System.Logger.Level.ERROR, "A device cannot be synced", e);
                statement.setString(1, SyncReason.UNREADABLE.name());
                statement.setString(2, e.getMessage());
                statement.setObject(3, e.device().value());
                statement.setString(4, provider.value());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private SyncTask task(ResultSet row) throws SQLException {
        Device device = DeviceRow.read(row, vault.open(row.getBytes("token_cipher"), DeviceRow.id(row)));
        return new SyncTask(
                device,
                row.getLong("desired_version"),
                holding(device.id(), row, vault),
                row.getBoolean("uncertain"),
                row.getBoolean("parked"),
                row.getInt("failures"),
                row.getInt("strikes"),
                formerTokens(device.id(), row),
                row.getString("traceparent"));
    }

    private List<DeviceToken> formerTokens(DeviceId device, ResultSet row) throws SQLException {
        Array ciphers = row.getArray("former_token_ciphers");
        return ciphers == null
                ? List.of()
                : Stream.of((byte[][]) ciphers.getArray())
                        .map(cipher -> vault.open(cipher, device))
                        .toList();
    }

    /** What the provider is known to hold, by a row with these columns of device_sync. */
    static @Nullable Holding holding(DeviceId device, ResultSet row, TokenVault vault) throws SQLException {
        String heldType = row.getString("held_type");
        return heldType == null
                ? null
                : new Holding(
                        row.getString("remote_id"),
                        new DeviceType(heldType),
                        vault.open(row.getBytes("held_token_cipher"), device));
    }

    @Override
    public void settle(SyncLease lease, Collection<Settlement> settlements) {
        List<Settled> confirmed = new ArrayList<>();
        for (Settlement settlement : settlements) {
            if (settlement.verdict() instanceof Settlement.Synced(Holding held)) {
                confirmed.add(Settled.synced(lease, settlement, held));
            }
        }
        if (confirmed.size() == settlements.size()) {
            confirmations.run(confirmed);
        } else {
            settleAlone(lease, settlements);
        }
    }

    private void confirm(List<Settled> settled) {
        transactions.run(connection -> {
            settle(connection, settled);
            return null;
        });
    }

    private void settleAlone(SyncLease lease, Collection<Settlement> settlements) {
        List<Settlement> inLockOrder = settlements.stream()
                .sorted(Comparator.comparing(Settlement::device))
                .toList();
        transactions.run(connection -> {
            for (Settlement settlement : inLockOrder) {
                settle(connection, lease, settlement);
            }
            releaseIfDescribed(connection, lease, inLockOrder);
            return null;
        });
    }

    private void settle(Connection connection, SyncLease lease, Settlement settlement) throws SQLException {
        switch (settlement.verdict()) {
            case Settlement.Synced(Holding held) -> settle(connection, Settled.synced(lease, settlement, held));
            case Settlement.Retry(Duration in, Doubt doubt, boolean strike, SyncReason reason, String words) ->
                settle(connection, new Settled(lease, settlement, "PENDING", in, reason, words, null, doubt, strike));
            case Settlement.Parked(Duration retryIn, Doubt doubt, SyncReason reason, String words) ->
                settle(
                        connection,
                        new Settled(lease, settlement, "PARKED", retryIn, reason, words, null, doubt, false));
            case Settlement.Unsupported(SyncReason reason, String words) ->
                settle(
                        connection,
                        new Settled(lease, settlement, "UNSUPPORTED", null, reason, words, null, Doubt.NONE, false));
            case Settlement.Released(Duration in) -> release(connection, lease, settlement, in);
        }
    }

    private void settle(Connection connection, Settled settled) throws SQLException {
        settle(connection, List.of(settled));
    }

    /** What a verdict makes of a device's row. */
    private record Settled(
            SyncLease lease,
            Settlement settlement,
            String state,
            @Nullable Duration dueIn,
            @Nullable SyncReason reason,
            @Nullable String words,
            @Nullable Holding held,
            Doubt doubt,
            boolean strike) {
        static final Comparator<Settled> LOCK_ORDER = Comparator.<Settled, DeviceId>comparing(
                        settled -> settled.settlement.device())
                .thenComparing(settled -> settled.lease.provider().value());

        static Settled synced(SyncLease lease, Settlement settlement, @Nullable Holding held) {
            return new Settled(lease, settlement, "SYNCED", null, null, null, held, Doubt.NONE, false);
        }
    }

    private void settle(Connection connection, List<Settled> settled) throws SQLException {
        List<Settled> rows = settled.stream().sorted(Settled.LOCK_ORDER).toList();
        try (PreparedStatement statement = connection.prepareStatement(SETTLE)) {
            new Arguments(statement)
                    .uuids(rows, row -> row.settlement().device().value())
                    .texts(rows, row -> row.lease().provider().value())
                    .uuids(rows, row -> row.lease().id())
                    .numbers(rows, row -> row.settlement().version())
                    .texts(rows, Settled::state)
                    .numbers(rows, row -> row.dueIn() == null ? null : micros(row.dueIn()))
                    .texts(
                            rows,
                            row -> row.reason() == null ? null : row.reason().name())
                    .texts(rows, Settled::words)
                    .texts(rows, row -> row.held() == null ? null : row.held().remoteId())
                    .texts(
                            rows,
                            row -> row.held() == null ? null : row.held().type().value())
                    .byteStrings(
                            rows,
                            row -> row.held() == null
                                    ? null
                                    : vault.seal(
                                            row.held().token(), row.settlement().device()))
                    .numbers(rows, row -> row.doubt() == Doubt.NEW ? 1L : 0L)
                    .booleans(rows, row -> row.doubt() != Doubt.NONE)
                    .numbers(rows, row -> row.strike() ? 1L : 0L);
            statement.execute();
        }
    }

    private static void releaseIfDescribed(Connection connection, SyncLease lease, List<Settlement> settlements)
            throws SQLException {
        List<Settlement> unknown = settlements.stream()
                .filter(settlement -> settlement.verdict() instanceof Settlement.Parked parked
                        && parked.reason() == SyncReason.CUSTOMER_UNKNOWN)
                .toList();
        if (!unknown.isEmpty()) {
            Profile profile = lease.profile();
            try (PreparedStatement statement = connection.prepareStatement(RELEASE_IF_DESCRIBED)) {
                new Arguments(statement)
                        .text(lease.customer().value())
                        .text(profile.email())
                        .text(profile.firstName())
                        .text(profile.lastName())
                        .text(profile.phoneNumber())
                        .uuids(unknown, settlement -> settlement.device().value())
                        .text(lease.provider().value());
                statement.executeUpdate();
            }
        }
    }

    private static void release(Connection connection, SyncLease lease, Settlement settlement, Duration in)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RELEASE)) {
            statement.setLong(1, settlement.version());
            statement.setLong(2, micros(in));
            statement.setObject(3, settlement.device().value());
            statement.setString(4, lease.provider().value());
            statement.setObject(5, lease.id());
            statement.executeUpdate();
        }
    }

    @Override
    public SyncTotals totals(ProviderId provider) {
        return transactions.run(connection -> SyncInspection.totals(connection, provider));
    }

    @Override
    public double requestsPerDevice(ProviderId provider, int most) {
        return transactions.run(connection -> SyncInspection.requestsPerDevice(connection, provider, most));
    }

    @Override
    public long countSynced(ProviderId provider) {
        return transactions.run(connection -> SyncInspection.countSynced(connection, provider, COUNTED));
    }

    @Override
    public Page<ParkedSync, ParkedQuery.Position> parked(ParkedQuery query) {
        return transactions.run(connection -> SyncInspection.parked(connection, query));
    }

    @Override
    public Unparked unpark(ParkedSelection selection, SyncLane lane, ParkedQuery.@Nullable Position after, int limit) {
        return transactions.run(connection -> SyncInspection.unpark(connection, selection, lane, after, limit));
    }

    @Override
    public Optional<List<ProviderSync>> standing(CustomerId customer, DeviceId device) {
        return Transactions.read(() -> DeviceEntity.find(customer, device).isPresent()
                ? Optional.of(DeviceSyncEntity.of(device).stream()
                        .map(DeviceSyncEntity::toDomain)
                        .toList())
                : Optional.empty());
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }
}
