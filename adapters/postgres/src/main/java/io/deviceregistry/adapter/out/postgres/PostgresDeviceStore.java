package io.deviceregistry.adapter.out.postgres;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochRandomGenerator;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registration;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Writes registrations, with what they make due at the providers, by statements of its own; reads through the entity. */
@ApplicationScoped
class PostgresDeviceStore implements DeviceStore {

    /**
     * Makes all who may change the holder of one of these tokens take turns. A statement of its own: only the next
     * statement sees what was committed while this one waited. Ascending keys, so that no two wait for each other;
     * {@code offset 0} keeps the planner from locking before it sorted.
     */
    private static final String LOCK_TOKENS = """
            select pg_advisory_xact_lock(k)
              from (select distinct k from unnest(?::bigint[]) k order by k offset 0) ascending""";

    /** Removes the devices by which other customers hold the tokens: a look into device_token_held_once per token. */
    private static final String DISPLACE_HOLDERS = """
            update device d
               set status = 'REMOVED', removal_reason = 'TRANSFERRED', version = d.version + 1
              from unnest(?::bytea[]) taken(token_hash)
             where d.token_hash = taken.token_hash and d.status = 'ACTIVE' and d.customer_id <> ?
            returning d.id, d.customer_id, d.version, d.token_hash""";

    /**
     * Registers the devices and makes them, and the displaced ones, due at every provider.
     *
     * <p>Since the tokens are locked, what {@code seen} reads is the truth, and everything is decided there; {@code on
     * conflict} only tells insert from update. The lateral look-up stays a probe of device_token_once_per_customer even
     * in a plan that was cached while the tables were empty. What needs no write is left out before the insert, for
     * {@code do update ... where false} would lock the row and return nothing. The ciphertext is never copied from the
     * discarded row, since it belongs to the discarded id.
     */
    private static final String REGISTER = """
            with input as materialized (
              select * from unnest(?::uuid[], ?::bytea[], ?::bytea[], ?::text[], ?::text[]) with ordinality
                  as i(id, token_hash, token_cipher, device_type, metadata, n)
            ), displaced as materialized (
              select * from unnest(?::uuid[], ?::text[], ?::bigint[]) as x(id, customer_id, version)
            ), seen as materialized (
              select i.n, i.id, i.token_hash, i.token_cipher, i.device_type,
                     coalesce(i.metadata::jsonb, own.metadata, '{}') as metadata,
                     own.id as own_id, own.version as own_version, own.registered_at, own.last_seen_at,
                     coalesce(own.status = 'ACTIVE', false) as was_active,
                     coalesce(own.device_type <> i.device_type, false) as type_changed,
                     coalesce(own.status = 'ACTIVE' and own.device_type = i.device_type
                              and own.metadata = coalesce(i.metadata::jsonb, own.metadata), false) as same
                from input i
                left join lateral (
                  select d.* from device d where d.customer_id = ? and d.token_hash = i.token_hash limit 1) own on true
            ), new_customer as (
              insert into customer (id) select ? where exists (select from seen where own_id is null)
              on conflict do nothing
              returning 1
            ), written as (
              insert into device as d (id, customer_id, token_hash, token_cipher, device_type, metadata, version)
              select s.id, ?, s.token_hash, s.token_cipher, s.device_type, s.metadata,
                     coalesce(s.own_version + (not s.same)::int, 1)
                from seen s, (select count(*) from new_customer) customer_first
               where not (s.same and s.last_seen_at > now() - ? * interval '1 microsecond')
               order by s.token_hash
              on conflict (customer_id, token_hash) do update
                set device_type = excluded.device_type, metadata = excluded.metadata, version = excluded.version,
                    status = 'ACTIVE', removal_reason = null, last_seen_at = greatest(d.last_seen_at, now())
              returning d.id, d.token_hash, d.version, d.registered_at, d.last_seen_at
            ), due as (
              insert into device_sync as s (device_id, provider, customer_id, desired_version)
              select changed.id, p, changed.customer_id, changed.version
                from (select w.id, ? as customer_id, w.version
                        from written w join seen using (token_hash)
                       where not seen.was_active or seen.type_changed
                      union all
                      select id, customer_id, version from displaced) changed,
                     unnest(?::text[]) p
               order by changed.id, p
              on conflict (device_id, provider) do update
                set desired_version = excluded.desired_version, state = 'PENDING', reason = null,
                    due_at = case when s.state = 'PENDING' then s.due_at else now() end
            )
            select coalesce(w.id, s.own_id) as id, coalesce(w.version, s.own_version) as version, s.metadata::text,
                   coalesce(w.registered_at, s.registered_at) as registered_at,
                   coalesce(w.last_seen_at, s.last_seen_at) as last_seen_at,
                   case when s.own_id is null then 'CREATED'
                        when not s.was_active then 'REACTIVATED'
                        when s.same then 'EXISTING'
                        else 'CHANGED' end as outcome
              from seen s left join written w using (token_hash)
             order by s.n""";

    private static final long REFRESH_MICROS = Device.REFRESH_INTERVAL.toNanos() / 1_000;

    private final Transactions transactions;
    private final TokenVault vault;
    private final TimeBasedEpochRandomGenerator ids = Generators.timeBasedEpochRandomGenerator();

    PostgresDeviceStore(DataSource dataSource, TokenVault vault) {
        this.transactions = new Transactions(dataSource);
        this.vault = vault;
    }

    /** One entry on its way into the database. */
    private static final class Row {
        final DeviceRegistration registration;
        final DeviceId id;
        final byte[] hash;
        final byte[] cipher;

        Row(DeviceRegistration registration, DeviceId id, TokenVault vault) {
            this.registration = registration;
            this.id = id;
            this.hash = vault.hash(registration.token());
            this.cipher = vault.seal(registration.token(), id);
        }

        long lockKey() {
            return ByteBuffer.wrap(hash).getLong();
        }
    }

    /** A device that another customer loses. */
    private record Displaced(DeviceId id, String customer, long version, String hash) {}

    @Override
    public List<Registration> register(
            CustomerId customer, List<DeviceRegistration> devices, Set<ProviderId> providers) {
        List<Row> rows = devices.stream()
                .map(device -> new Row(device, new DeviceId(ids.generate()), vault))
                .toList();
        return transactions.run(connection -> {
            lockTokens(connection, rows);
            List<Displaced> displaced = displaceHolders(connection, customer, rows);
            return register(connection, customer, rows, displaced, providers);
        });
    }

    private static void lockTokens(Connection connection, List<Row> rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOCK_TOKENS)) {
            setArray(statement, 1, "bigint", rows.stream().map(Row::lockKey).toArray());
            statement.execute();
        }
    }

    private static List<Displaced> displaceHolders(Connection connection, CustomerId customer, List<Row> rows)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DISPLACE_HOLDERS)) {
            setArray(statement, 1, "bytea", rows.stream().map(row -> row.hash).toArray(byte[][]::new));
            statement.setString(2, customer.value());
            List<Displaced> displaced = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    displaced.add(new Displaced(
                            new DeviceId(result.getObject("id", UUID.class)),
                            result.getString("customer_id"),
                            result.getLong("version"),
                            HexFormat.of().formatHex(result.getBytes("token_hash"))));
                }
            }
            return displaced;
        }
    }

    private static List<Registration> register(
            Connection connection,
            CustomerId customer,
            List<Row> rows,
            List<Displaced> displaced,
            Set<ProviderId> providers)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(REGISTER)) {
            int n = 0;
            setArray(
                    statement,
                    ++n,
                    "uuid",
                    rows.stream().map(row -> row.id.value()).toArray());
            setArray(statement, ++n, "bytea", rows.stream().map(row -> row.hash).toArray(byte[][]::new));
            setArray(
                    statement,
                    ++n,
                    "bytea",
                    rows.stream().map(row -> row.cipher).toArray(byte[][]::new));
            setArray(
                    statement,
                    ++n,
                    "text",
                    rows.stream().map(row -> row.registration.type().value()).toArray());
            setArray(
                    statement,
                    ++n,
                    "text",
                    rows.stream().map(PostgresDeviceStore::metadata).toArray());
            setArray(
                    statement,
                    ++n,
                    "uuid",
                    displaced.stream().map(one -> one.id().value()).toArray());
            setArray(
                    statement,
                    ++n,
                    "text",
                    displaced.stream().map(Displaced::customer).toArray());
            setArray(
                    statement,
                    ++n,
                    "bigint",
                    displaced.stream().map(Displaced::version).toArray());
            statement.setString(++n, customer.value());
            statement.setString(++n, customer.value());
            statement.setString(++n, customer.value());
            statement.setLong(++n, REFRESH_MICROS);
            statement.setString(++n, customer.value());
            setArray(
                    statement,
                    ++n,
                    "text",
                    providers.stream().map(ProviderId::value).toArray());

            Set<String> transferred =
                    new TreeSet<>(displaced.stream().map(Displaced::hash).toList());
            List<Registration> registrations = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                for (Row row : rows) {
                    result.next();
                    registrations.add(registration(customer, row, result, transferred));
                }
            }
            return registrations;
        }
    }

    private static @Nullable String metadata(Row row) {
        DeviceMetadata metadata = row.registration.metadata();
        return metadata == null ? null : MetadataJson.from(metadata);
    }

    private static Registration registration(CustomerId customer, Row row, ResultSet result, Set<String> transferred)
            throws SQLException {
        Device device = new Device(
                new DeviceId(result.getObject("id", UUID.class)),
                customer,
                row.registration.type(),
                row.registration.token(),
                DeviceStatus.ACTIVE,
                null,
                result.getLong("version"),
                MetadataJson.toDomain(result.getString("metadata")),
                result.getObject("registered_at", OffsetDateTime.class).toInstant(),
                result.getObject("last_seen_at", OffsetDateTime.class).toInstant());
        Registration.Outcome outcome = transferred.contains(HexFormat.of().formatHex(row.hash))
                ? Registration.Outcome.TRANSFERRED
                : Registration.Outcome.valueOf(result.getString("outcome"));
        return new Registration(device, outcome);
    }

    private static void setArray(PreparedStatement statement, int index, String type, Object[] values)
            throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf(type, values));
    }

    @Override
    public List<Device> devicesOf(CustomerId customer) {
        return Transactions.read(() -> DeviceEntity.presentOf(customer).stream()
                .map(entity -> entity.toDomain(vault))
                .toList());
    }
}
