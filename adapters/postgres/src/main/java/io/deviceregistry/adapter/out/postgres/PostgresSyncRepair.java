package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncState;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Walks over devices and customers, and leases of customers who are compared, in {@code device_sync}. */
@ApplicationScoped
class PostgresSyncRepair implements SyncRepair {

    /**
     * What is gone and was never told needs no telling. Devices are locked before rows of device_sync, as everybody does;
     * who is changing one at this moment makes it due anyway.
     */
    private static final String ADD_MISSING = """
            with looked_at as materialized (
              select id, status from device where id > ? order by id limit ?
            ), missing as materialized (
              select d.id, d.customer_id, d.version
                from device d
               where d.id in (select l.id from looked_at l
                               where l.status = 'ACTIVE'
                                 and not exists (
                                       select from device_sync s
                                        where s.device_id = l.id and s.provider = ? offset 0))
               order by d.id
                 for key share skip locked
            ), added as (
              insert into device_sync (device_id, provider, customer_id, desired_version, backlog)
              select m.id, ?, m.customer_id, m.version, true from missing m order by m.id
              on conflict do nothing
              returning 1
            )
            select (select count(*) from looked_at) as looked_at,
                   (select id from looked_at order by id desc limit 1) as last,
                   (select count(*) from added) as added""";

    /**
     * The first of each lane, in the order of device_sync_due_by_lane. Without an order the planner, who does not know that
     * what is pending is all in one lane, believes that a scan of the table comes upon one of the other lane at once; and
     * "exists" leaves the order out.
     */
    private static final String ANYTHING_DUE =
            """
            select (select due_at from %s where state = 'PENDING' limit 1) is not null
                or (select due_at from %s where state = 'PENDING' limit 1) is not null""".formatted(DueOrder.rows("not backlog", "due_at <= now()"), DueOrder.rows("backlog", "due_at <= now()"));

    private static final String TAKE_CUSTOMER_WALK = """
            select coalesce(customer_position, '') as position
              from walk where name = ? and moved_at <= now() - ? * interval '1 microsecond'
               for update skip locked""";

    private static final String NEXT_CUSTOMER = """
            select id from customer where id > ? and not erased order by id limit 1""";

    private static final String MOVE_CUSTOMER_WALK = """
            update walk set customer_position = ?, moved_at = now() where name = ?""";

    /** Claims lock the customer too, and skip who is locked. */
    private static final String LOCK_CUSTOMER = """
            select 1 from customer where id = ? and not erased for no key update skip locked""";

    private static final String BUSY = """
            select exists (
              select from (select id from device where customer_id = ? offset 0) d
               cross join lateral (
                     select from device_sync
                      where device_id = d.id and provider = ? and (state = 'PENDING' or lease_until > now())
                      limit 1) busy)""";

    private static final String LEASE = """
            update device_sync leased
               set compared_by = ?, lease_until = now() + ? * interval '1 microsecond'
              from (select s.device_id, s.provider
                      from (select id from device where customer_id = ? and erasure_id is null offset 0) d
                     cross join lateral (
                           select device_id, provider from device_sync
                            where device_id = d.id and provider = ? and state = 'SYNCED'
                              for update skip locked) s) chosen
             where leased.device_id = chosen.device_id and leased.provider = chosen.provider
               and leased.state = 'SYNCED'""";

    private static final String READ = """
            select %s, d.token_cipher, s.desired_version, s.state as sync_state, s.remote_id, s.held_type,
                   s.held_token_cipher
              from (select * from device where customer_id = ? and erasure_id is null offset 0) d
             cross join lateral (select * from device_sync where device_id = d.id and provider = ? limit 1) s
             order by d.id""".formatted(DeviceRow.COLUMNS);

    private static final String DRIFT = """
            update device_sync
               set state = 'PENDING', due_at = now(), pending_since = now(), backlog = true, reason = null,
                   remote_id = ?, held_type = ?, held_token_cipher = ?
             where device_id = ? and provider = ? and compared_by = ? and state = 'SYNCED' and desired_version = ?""";

    /** In the order in which everybody locks rows of device_sync. */
    private static final String END = """
            update device_sync ended
               set compared_by = null, lease_until = null
              from (select device_id, provider from device_sync
                     where device_id = any (?::uuid[]) and provider = ? and compared_by = ?
                     order by device_id
                       for update) held
             where ended.device_id = held.device_id and ended.provider = held.provider""";

    private static final String COUNT_DRIFT = """
            insert into provider_drift as d (provider, kind, found) values (?, ?, ?)
            on conflict (provider, kind) do update set found = d.found + excluded.found""";

    private static final String READ_DRIFT = "select kind, found from provider_drift where provider = ?";

    private final Transactions transactions;
    private final TokenVault vault;

    PostgresSyncRepair(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    @Override
    public Sweep sweep(ProviderId provider, Duration interval, int window, int mostWaiting) {
        return transactions.run(connection -> {
            PlansByIndex.set(connection);
            Optional<Walk> walk = Walk.take(connection, "missing at " + provider, interval);
            if (walk.isEmpty() || waiting(connection, provider, mostWaiting) >= mostWaiting) {
                return new Sweep(0, false);
            }
            return addMissing(connection, provider, walk.get(), window);
        });
    }

    /**
     * Counts no further than it must. The limit is literal, or the planner would count on a tenth of all that waits, and
     * rather sort it.
     */
    private static int waiting(Connection connection, ProviderId provider, int most) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("""
                select count(*)
                  from (select from %s where state = 'PENDING' limit %d) waiting""".formatted(DueOrder.rows("backlog", "due_at is not null"), most))) {
            new Arguments(statement).text(provider.value());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static Sweep addMissing(Connection connection, ProviderId provider, Walk walk, int window)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ADD_MISSING)) {
            new Arguments(statement)
                    .uuid(walk.position())
                    .number(window)
                    .text(provider.value())
                    .text(provider.value());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                boolean more = row.getInt("looked_at") == window;
                walk.moveTo(more ? row.getObject("last", UUID.class) : null);
                return new Sweep(row.getInt("added"), more);
            }
        }
    }

    @Override
    public Optional<CustomerId> nextToCompare(ProviderId provider, Duration pace) {
        String name = "compared with " + provider;
        return transactions.run(connection -> {
            PlansByIndex.set(connection);
            if (isAnythingDue(connection, provider)) {
                return Optional.empty();
            }
            Walk.make(connection, name);
            String position;
            try (PreparedStatement take = connection.prepareStatement(TAKE_CUSTOMER_WALK)) {
                new Arguments(take).text(name).micros(pace);
                try (ResultSet walk = take.executeQuery()) {
                    if (!walk.next()) {
                        return Optional.empty();
                    }
                    position = walk.getString("position");
                }
            }
            String next = nextCustomer(connection, position);
            try (PreparedStatement move = connection.prepareStatement(MOVE_CUSTOMER_WALK)) {
                new Arguments(move).text(next).text(name);
                move.executeUpdate();
            }
            return Optional.ofNullable(next).map(CustomerId::new);
        });
    }

    private static boolean isAnythingDue(Connection connection, ProviderId provider) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ANYTHING_DUE)) {
            new Arguments(statement).text(provider.value()).text(provider.value());
            return isTrue(statement);
        }
    }

    private static @Nullable String nextCustomer(Connection connection, String position) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NEXT_CUSTOMER)) {
            new Arguments(statement).text(position);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString("id") : null;
            }
        }
    }

    @Override
    public Optional<CustomerLease> leaseToCompare(ProviderId provider, CustomerId customer, Duration duration) {
        return transactions.run(connection -> {
            PlansByIndex.set(connection);
            if (!lock(connection, customer) || isBusy(connection, provider, customer)) {
                return Optional.empty();
            }
            UUID lease = UUID.randomUUID();
            try (PreparedStatement statement = connection.prepareStatement(LEASE)) {
                new Arguments(statement)
                        .uuid(lease)
                        .micros(duration)
                        .text(customer.value())
                        .text(provider.value());
                statement.executeUpdate();
            }
            return Optional.of(new CustomerLease(lease, provider, customer, known(connection, provider, customer)));
        });
    }

    private static boolean lock(Connection connection, CustomerId customer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOCK_CUSTOMER)) {
            new Arguments(statement).text(customer.value());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private static boolean isBusy(Connection connection, ProviderId provider, CustomerId customer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BUSY)) {
            new Arguments(statement).text(customer.value()).text(provider.value());
            return isTrue(statement);
        }
    }

    private static boolean isTrue(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** What cannot be read is passed over: the ledger parks it when it is to be told. */
    private List<Known> known(Connection connection, ProviderId provider, CustomerId customer) throws SQLException {
        List<Known> known = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            new Arguments(statement).text(customer.value()).text(provider.value());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    try {
                        known.add(known(row));
                    } catch (UnreadableTokenException e) {
                        System.getLogger(PostgresSyncRepair.class.getName())
                                .log(System.Logger.Level.ERROR, "A device cannot be compared", e);
                    }
                }
            }
        }
        return known;
    }

    private Known known(ResultSet row) throws SQLException {
        DeviceId id = DeviceRow.id(row);
        Device device = DeviceRow.read(row, vault.open(row.getBytes("token_cipher"), id));
        return new Known(
                device,
                row.getLong("desired_version"),
                SyncState.valueOf(row.getString("sync_state")),
                SyncRow.holding(id, row, vault));
    }

    @Override
    public void endComparison(CustomerLease lease, Collection<Drift> drifts, int strangers) {
        List<Drift> inLockOrder =
                drifts.stream().sorted(Comparator.comparing(Drift::device)).toList();
        transactions.run(connection -> {
            for (Drift drift : inLockOrder) {
                drifted(connection, lease, drift);
            }
            try (PreparedStatement end = connection.prepareStatement(END)) {
                new Arguments(end)
                        .uuids(lease.devices(), known -> known.device().id().value())
                        .text(lease.provider().value())
                        .uuid(lease.id());
                end.executeUpdate();
            }
            count(connection, lease.provider(), drifts, strangers);
            return null;
        });
    }

    private void drifted(Connection connection, CustomerLease lease, Drift drift) throws SQLException {
        Holding told = drift.told();
        try (PreparedStatement statement = connection.prepareStatement(DRIFT)) {
            new Arguments(statement)
                    .text(told == null ? null : told.remoteId())
                    .text(told == null ? null : told.type().value())
                    .bytes(told == null ? null : vault.seal(told.token(), drift.device()))
                    .uuid(drift.device().value())
                    .text(lease.provider().value())
                    .uuid(lease.id())
                    .number(drift.version());
            statement.executeUpdate();
        }
    }

    private static void count(Connection connection, ProviderId provider, Collection<Drift> drifts, int strangers)
            throws SQLException {
        for (DriftKind kind : DriftKind.values()) {
            long found = drifts.stream().filter(drift -> drift.kind() == kind).count()
                    + (kind == DriftKind.EXTRA ? strangers : 0);
            if (found > 0) {
                try (PreparedStatement statement = connection.prepareStatement(COUNT_DRIFT)) {
                    new Arguments(statement)
                            .text(provider.value())
                            .text(kind.name())
                            .number(found);
                    statement.executeUpdate();
                }
            }
        }
    }

    @Override
    public Map<DriftKind, Long> drift(ProviderId provider) {
        return transactions.run(connection -> {
            Map<DriftKind, Long> drift = new EnumMap<>(DriftKind.class);
            for (DriftKind kind : DriftKind.values()) {
                drift.put(kind, 0L);
            }
            try (PreparedStatement statement = connection.prepareStatement(READ_DRIFT)) {
                new Arguments(statement).text(provider.value());
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        drift.put(DriftKind.valueOf(row.getString("kind")), row.getLong("found"));
                    }
                }
            }
            return drift;
        });
    }
}
