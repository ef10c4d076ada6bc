package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.ProviderId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Erases customers. Begun and made invisible in one transaction; finished, device by device, as the providers settle.
 *
 * <p>A provider holds a device, or may hold it, if it confirmed one or if an attempt has no known outcome. Of such a
 * device the row stays, with nothing in it but ids, and its row in device_sync keeps the encrypted token by which the
 * provider is told. The hash of that token stays as long, in token_release: whoever registers the token now waits.
 */
final class Erasures {
    private static final String MAY_BE_HELD = """
            (s.held_token_cipher is not null or s.lease is not null
             or s.state <> 'SYNCED' and s.unconfirmed_attempts > 0)""";

    /** Customer and devices as they were not erased before. */
    private static final String STATE = """
            select coalesce(not c.erased, false) as known,
                   (select count(*) from device d where d.customer_id = w.id and d.erasure_id is null) as devices,
                   (select e.id from erasure e where e.customer_id = w.id and e.completed_at is null
                     order by e.requested_at desc limit 1) as under_way
              from (select ?::text as id) w left join customer c on c.id = w.id""";

    /** Devices before device_sync, as everybody does: a purge deletes rows of both. */
    private static final String LOCK_DEVICES = """
            select d.id from device d
             where d.customer_id = ? and d.erasure_id is null
             order by d.id
               for update""";

    private static final String LOCK_SYNC = """
            select s.device_id from device_sync s join device d on d.id = s.device_id
             where d.customer_id = ? and d.erasure_id is null
             order by s.device_id, s.provider
               for update of s""";

    private static final String RELEASE_TOKENS_WITH = """
            insert into token_release (token_hash, provider, device_id%1$s)
            select d.token_hash, s.provider, s.device_id%2$s
              from device d join device_sync s on s.device_id = d.id
             where d.customer_id = ? and d.erasure_id is null and %3$s is not null and %4$s
            on conflict do nothing""";

    private static final String RELEASE_TOKENS = RELEASE_TOKENS_WITH.formatted("", "", "d.token_hash", MAY_BE_HELD);

    /** In a phase of two lookup keys. A hash of which the other one cannot be made would never be found. */
    private static final String RELEASE_TOKENS_WITH_NEXT_HASHES =
            RELEASE_TOKENS_WITH.formatted(", next_token_hash", ", d.next_token_hash", "d.next_token_hash", MAY_BE_HELD);

    private static final String MAKE_DUE = """
            update device_sync s
               set erased = true, desired_version = d.version + 1, state = 'PENDING', reason = null, last_error = null,
                   pending_since = case when s.state = 'PENDING' then s.pending_since else now() end,
                   due_at = case when s.state = 'PENDING' then s.due_at else now() end,
                   backlog = false,
                   former_token_ciphers =
                     case when s.held_token_cipher is not null and d.token_hash is not null
                               and (s.lease is not null or s.uncertain)
                          then array_append(s.former_token_ciphers, d.token_cipher)
                          else s.former_token_ciphers end,
                   held_type = coalesce(s.held_type, d.device_type),
                   held_token_cipher = coalesce(s.held_token_cipher, d.token_cipher)
              from device d
             where d.id = s.device_id and d.customer_id = ? and d.erasure_id is null and %s""".formatted(MAY_BE_HELD);

    private static final String FORGET_SYNC = """
            delete from device_sync s using device d
             where d.id = s.device_id and d.customer_id = ? and d.erasure_id is null
               and s.held_token_cipher is null""";

    private static final String FORGET_DEVICES_WITH = """
            update device
               set status = 'REMOVED', removal_reason = 'DEREGISTERED', invalid_reason = null, token_hash = null%s,
                   token_cipher = null, metadata = '{}', version = version + 1, status_since = now(), erasure_id = ?
             where customer_id = ? and erasure_id is null""";

    private static final String FORGET_DEVICES = FORGET_DEVICES_WITH.formatted("");

    private static final String FORGET_DEVICES_WITH_NEXT_HASHES =
            FORGET_DEVICES_WITH.formatted(", next_token_hash = null");

    private static final String NOTE = """
            insert into device_change (generation, device_id, customer_id, kind, version, caller)
            select (select max(generation) from change_generation), d.id, d.customer_id, 'ERASED', d.version, ?
              from device d
             where d.erasure_id = ?
             order by d.id""";

    private static final String FORGET_CUSTOMER = """
            update customer
               set email = null, first_name = null, last_name = null, phone_no = null, updated_at = now(), updated_by = null,
                   erased = true
             where id = ?""";

    /** All that there are, for of two that counted the last rows of one device at once neither saw it unheld. */
    private static final String DELETE_UNHELD = """
            delete from device where id in (
              select d.id
                from (select id from device
                       where erasure_id is not null and erasure_id = coalesce(?::uuid, erasure_id) offset 0) erased
                join device d on d.id = erased.id
               where not exists (select from device_sync s where s.device_id = erased.id)
               order by d.id
                 for update of d skip locked)""";

    /** A lease that runs still can only confirm what is settled already. */
    private static final String COUNT_SETTLED = """
            with found as materialized (
              select s.device_id, s.provider, d.erasure_id
                from (select id, erasure_id from device where erasure_id is not null offset 0) d
               cross join lateral (
                     select device_id, provider from device_sync
                      where device_id = d.id and state in ('SYNCED', 'UNSUPPORTED') offset 0) s
               order by s.device_id, s.provider
               limit ?
            ), settled as (
              select s.device_id, s.provider, s.state, f.erasure_id
                from found f
               cross join lateral (
                     select device_id, provider, state from device_sync
                      where device_id = f.device_id and provider = f.provider and state in ('SYNCED', 'UNSUPPORTED')
                        for update skip locked) s
            ), gone as (
              delete from device_sync s using settled x
               where s.device_id = x.device_id and s.provider = x.provider
              returning x.erasure_id, x.provider, x.state
            ), counted as (
              insert into erasure_provider as e (erasure_id, provider, confirmed, unsupported)
              select erasure_id, provider, count(*) filter (where state = 'SYNCED'),
                     count(*) filter (where state = 'UNSUPPORTED')
                from gone group by erasure_id, provider order by erasure_id, provider
              on conflict (erasure_id, provider) do update
                set confirmed = e.confirmed + excluded.confirmed, unsupported = e.unsupported + excluded.unsupported
            )
            select count(*) from gone""";

    private static final String COMPLETABLE = """
            select e.id, e.customer_id from erasure e
             where e.completed_at is null and not exists (select from device d where d.erasure_id = e.id)
             limit ?""";

    private static final String DELETE_CUSTOMER = """
            delete from customer c
             where c.id = ? and c.erased and not exists (select from device d where d.customer_id = c.id)""";

    private static final String COMPLETE = """
            update erasure e set completed_at = now(), customer_id = null
             where e.id = ? and e.completed_at is null and not exists (select from device d where d.erasure_id = e.id)""";

    private static final String FIND = """
            select requested_at, requested_by, completed_at, devices from erasure where id = ?""";

    private static final String PROVIDERS = """
            select provider, sum(confirmed) as confirmed, sum(pending) as pending, sum(parked) as parked,
                   sum(unsupported) as unsupported
              from (select p.provider, p.confirmed, 0 as pending, 0 as parked, p.unsupported
                      from erasure_provider p where p.erasure_id = ?
                    union all
                    select s.provider, (s.state = 'SYNCED')::int, (s.state = 'PENDING')::int,
                           (s.state = 'PARKED')::int, (s.state = 'UNSUPPORTED')::int
                      from device d join device_sync s on s.device_id = d.id
                     where d.erasure_id = ?) told
             group by provider
             order by provider""";

    private final Connection connection;
    private final TokenVault vault;
    private final ChangePartitions changes;

    Erasures(Connection connection, TokenVault vault, ChangePartitions changes) {
        this.connection = connection;
        this.vault = vault;
        this.changes = changes;
    }

    Optional<Erasure> begin(Caller by, CustomerId customer) throws SQLException {
        PlansByIndex.set(connection);
        TokenHashes hashes = takeCustomer(customer);
        Locks.takeOfTokens(connection, locksOfHeldTokens(customer));
        UUID id;
        try (PreparedStatement statement = connection.prepareStatement(STATE)) {
            new Arguments(statement).text(customer.value());
            try (ResultSet state = statement.executeQuery()) {
                state.next();
                if (!state.getBoolean("known")) {
                    UUID underWay = state.getObject("under_way", UUID.class);
                    return underWay == null ? Optional.empty() : find(new ErasureId(underWay));
                }
                id = UUID.randomUUID();
                insert(id, by, customer, state.getInt("devices"));
            }
        }
        forget(id, customer, hashes);
        note(by, id);
        deleteUnheld(id);
        complete(id, customer);
        return find(new ErasureId(id));
    }

    /** @return what the lock is made by, and stays in use until the transaction ends */
    private TokenHashes takeCustomer(CustomerId customer) throws SQLException {
        TokenHashes hashes = vault.hashes();
        Locks.takeOfCustomers(connection, Set.of(Locks.ofCustomer(customer, hashes)));
        vault.require(hashes, LookupPhase.hold(connection));
        return hashes;
    }

    private void forget(UUID id, CustomerId customer, TokenHashes hashes) throws SQLException {
        boolean twoHashes = hashes.phase().isOfTwoKeys();
        for (String sql : List.of(LOCK_DEVICES, LOCK_SYNC)) {
            try (PreparedStatement lock = connection.prepareStatement(sql)) {
                new Arguments(lock).text(customer.value());
                lock.execute();
            }
        }
        if (twoHashes) {
            BackFill.customer(connection, vault, hashes, customer);
        }
        String releaseTokens = twoHashes ? RELEASE_TOKENS_WITH_NEXT_HASHES : RELEASE_TOKENS;
        for (String sql : List.of(releaseTokens, MAKE_DUE, FORGET_SYNC)) {
            update(sql, customer);
        }
        try (PreparedStatement statement =
                connection.prepareStatement(twoHashes ? FORGET_DEVICES_WITH_NEXT_HASHES : FORGET_DEVICES)) {
            new Arguments(statement).uuid(id).text(customer.value());
            statement.executeUpdate();
        }
        update(FORGET_CUSTOMER, customer);
    }

    private void note(Caller by, UUID id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NOTE)) {
            new Arguments(statement).text(by.name()).uuid(id);
            statement.executeUpdate();
        }
    }

    /** Under the customer's lock: nobody can be giving it a device. */
    private void complete(UUID id, CustomerId customer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(COMPLETE)) {
            new Arguments(statement).uuid(id);
            statement.executeUpdate();
        }
        update(DELETE_CUSTOMER, customer);
    }

    /** Counts and deletes what providers have settled. */
    int countSettled(int limit) throws SQLException {
        PlansByIndex.set(connection);
        int settled;
        try (PreparedStatement statement = connection.prepareStatement(COUNT_SETTLED)) {
            new Arguments(statement).number(limit);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                settled = result.getInt(1);
            }
        }
        deleteUnheld(null);
        return settled;
    }

    /** An erasure of which nothing is left but itself. */
    record Completable(UUID id, CustomerId customer) {}

    List<Completable> completable(int limit) throws SQLException {
        PlansByIndex.set(connection);
        try (PreparedStatement statement = connection.prepareStatement(COMPLETABLE)) {
            new Arguments(statement).number(limit);
            List<Completable> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(new Completable(
                            row.getObject("id", UUID.class), new CustomerId(row.getString("customer_id"))));
                }
            }
            return found;
        }
    }

    void complete(Completable erasure) throws SQLException {
        PlansByIndex.set(connection);
        takeCustomer(erasure.customer());
        complete(erasure.id(), erasure.customer());
    }

    Optional<Erasure> find(ErasureId erasure) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            new Arguments(statement).uuid(erasure.value());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                Instant requestedAt = DeviceRow.time(row, "requested_at");
                return Optional.of(new Erasure(
                        erasure,
                        requestedAt,
                        DeviceRow.callerOrNull(row, "requested_by"),
                        DeviceRow.timeOrNull(row, "completed_at"),
                        changes.keptUntil(requestedAt),
                        row.getInt("devices"),
                        providers(erasure)));
            }
        }
    }

    private List<Erasure.AtProvider> providers(ErasureId erasure) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PROVIDERS)) {
            new Arguments(statement).uuid(erasure.value()).uuid(erasure.value());
            List<Erasure.AtProvider> providers = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    providers.add(new Erasure.AtProvider(
                            new ProviderId(row.getString("provider")),
                            row.getInt("confirmed"),
                            row.getInt("pending"),
                            row.getInt("parked"),
                            row.getInt("unsupported")));
                }
            }
            return providers;
        }
    }

    private Set<Long> locksOfHeldTokens(CustomerId customer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                // Asked by itself, the status would lead to an index of all that is active.
                """
                select token_hash from (select * from device where customer_id = ? offset 0) d
                 where status = 'ACTIVE'""")) {
            new Arguments(statement).text(customer.value());
            Set<Long> locks = new HashSet<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    locks.add(Locks.ofHash(row.getBytes(1)));
                }
            }
            return locks;
        }
    }

    private void insert(UUID id, Caller by, CustomerId customer, int devices) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into erasure (id, requested_by, customer_id, devices) values (?, ?, ?, ?)")) {
            new Arguments(statement)
                    .uuid(id)
                    .text(by.name())
                    .text(customer.value())
                    .number(devices);
            statement.executeUpdate();
        }
    }

    private void deleteUnheld(@Nullable UUID erasure) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DELETE_UNHELD)) {
            new Arguments(statement).uuid(erasure);
            statement.executeUpdate();
        }
    }

    private void update(String sql, CustomerId customer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new Arguments(statement).text(customer.value());
            statement.executeUpdate();
        }
    }
}
