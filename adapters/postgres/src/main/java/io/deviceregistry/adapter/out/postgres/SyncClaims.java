package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** Finds whose devices a provider is told of next, and sees to it that nobody else tells of them meanwhile. */
final class SyncClaims {
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
     * Leases the customers' due devices, now that nobody else can be claiming them. Asks again what the claim asked: a
     * claim that committed in between may have leased some. A lease still standing on a due row ran out. Nobody is waited
     * for, so the order of the rows does not matter.
     *
     * <p>A change of a device may commit between the look at the device and the lock of its row. The row is looked at again
     * then, as it is now, but the device is not, nor whom it follows: by the token that it has taken back, maybe, somebody
     * else is known to the provider. The row's version is ahead of the device's then, and the next claim looks at both.
     *
     * <p>When a row is due is asked so that no index of what is due can begin the search: all that waits is in there.
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
                     cross join lateral (
                           select * from device where customer_id = claimed.customer_id offset 0) d
                     cross join lateral (
                           select s.device_id, s.provider
                             from device_sync s
                            where s.device_id = d.id and s.provider = claimed.provider
                              and coalesce(s.due_at, 'infinity') <= now() and s.desired_version <= d.version and %s
                              for update skip locked) s) due
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
             cross join lateral (select * from device where customer_id = claimed.customer_id offset 0) d
             cross join lateral (
                   select * from device_sync
                    where device_id = d.id and provider = ? and lease = claimed.lease limit 1) s
             order by d.id""".formatted(DeviceRow.COLUMNS);

    /** Takes out of the queue what would otherwise stand at its head for ever. It was leased in this transaction. */
    private static final String PARK_UNREADABLE = """
            update device_sync
               set state = 'PARKED', reason = ?, last_error = ?, due_at = null, lease = null, lease_until = null,
                   attempts = attempts - 1
             where device_id = ? and provider = ?""";

    private final Transactions transactions;
    private final TokenVault vault;

    /** Claims at the same moment look at the same customers, and find most of them taken. */
    private final Map<ProviderId, Lock> turns = new ConcurrentHashMap<>();

    SyncClaims(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    /** As {@link PostgresSyncLedger#lease}, in one short transaction. */
    List<SyncLease> lease(ProviderId provider, SyncLane lane, Duration duration, int most) {
        Lock turn = turns.computeIfAbsent(provider, _ -> new ReentrantLock());
        turn.lock();
        try {
            return transactions.run(connection -> claim(connection, provider, lane, duration, most));
        } finally {
            turn.unlock();
        }
    }

    private List<SyncLease> claim(
            Connection connection, ProviderId provider, SyncLane lane, Duration duration, int most)
            throws SQLException {
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
                        one.lease(), provider, one.customer(), one.profile(), requireNonNull(tasks.get(one.lease()))))
                .toList();
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
        try (PreparedStatement statement =
                connection.prepareStatement(PlansByIndex.SETTING + ";\n" + claimCustomers(most))) {
            new Arguments(statement).text(provider.value()).bool(lane == SyncLane.BACKLOG);
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
                System.getLogger(SyncClaims.class.getName())
                        .log(System.Logger.Level.ERROR, "A device cannot be synced", e);
                new Arguments(statement)
                        .text(SyncReason.UNREADABLE.name())
                        .text(e.getMessage())
                        .uuid(e.device().value())
                        .text(provider.value());
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
                SyncRow.holding(device.id(), row, vault),
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
}
