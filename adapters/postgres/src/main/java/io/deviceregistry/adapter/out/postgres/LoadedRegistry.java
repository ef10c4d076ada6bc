package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.Transactions.OvertakenException;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Locks what is in a scope and reads it, in one round trip to the database unless devices are asked for by id. */
final class LoadedRegistry {
    private static final String LOCK_CUSTOMERS_AND_READ_TOKENS =
            String.join(";\n", Locks.TAKE, "select d.id, d.token_hash from device d where d.id = any (?::uuid[])");

    /**
     * For each token a probe of device_token_once_per_customer and one of device_token_held_once; they stay that even in
     * a plan that was cached while the tables were empty, because of the lateral limits.
     */
    private static final String DEVICES = """
            with wanted as materialized (
              select * from unnest(?::text[], ?::bytea[]) as w(customer_id, token_hash)
            )
            select %1$s, d.token_hash, d.token_cipher
              from wanted w cross join lateral (
                     select * from device d
                      where d.customer_id = w.customer_id and d.token_hash = w.token_hash limit 1) d
            union all
            select %1$s, d.token_hash, d.token_cipher
              from wanted w cross join lateral (
                     select * from device d
                      where d.token_hash = w.token_hash and d.status = 'ACTIVE' limit 1) d
            union all
            select %1$s, d.token_hash, d.token_cipher
              from device d
             where d.id = any (?::uuid[]) and d.erasure_id is null""".formatted(DeviceRow.COLUMNS);

    /** For each token a probe of device_former_holders: of those who would come back with it, mostly nobody. */
    private static final String FORMER_HOLDERS = """
            select w.token_hash, f.last_seen_at
              from unnest(?::bytea[]) w(token_hash)
                   cross join lateral (
                     select d.last_seen_at from device d
                      where d.token_hash = w.token_hash and d.status <> 'ACTIVE'
                      order by d.last_seen_at desc limit 1) f""";

    /** The clock and not now(), which is the time before the locks were waited for. */
    private static final String CUSTOMERS = """
            select clock.now, w.id, c.id is not null as known,
                   c.email, c.first_name, c.last_name, c.phone_no, c.created_at, c.updated_at,
                   (select count(*) from device d where d.customer_id = w.id and d.status = 'ACTIVE') as active
              from (select clock_timestamp() as now) clock
              left join unnest(?::text[]) w(id) on true
              left join lateral (
                   select * from customer c where c.id = w.id and not c.erased limit 1) c on true""";

    private static final String LOCK_AND_READ = String.join(";\n", Locks.TAKE, DEVICES, CUSTOMERS);
    private static final String LOCK_AND_READ_FORMER_HOLDERS_TOO =
            String.join(";\n", Locks.TAKE, DEVICES, FORMER_HOLDERS, CUSTOMERS);

    private final Connection connection;
    private final Scope scope;
    private final TokenVault vault;
    private final Map<String, DeviceToken> tokensByHash = new HashMap<>();

    private LoadedRegistry(Connection connection, Scope scope, TokenVault vault) {
        this.connection = connection;
        this.scope = scope;
        this.vault = vault;
    }

    /** @throws OvertakenException if a device that is asked for by id got another token meanwhile */
    static Registry load(Connection connection, Scope scope, TokenVault vault, Supplier<DeviceId> newIds)
            throws SQLException {
        return new LoadedRegistry(connection, scope, vault).load(newIds);
    }

    private Registry load(Supplier<DeviceId> newIds) throws SQLException {
        List<Scope.Token> tokens = List.copyOf(scope.tokens());
        List<byte[]> hashes = new ArrayList<>();
        for (Scope.Token token : tokens) {
            byte[] hash = vault.hash(token.token());
            hashes.add(hash);
            tokensByHash.put(HexFormat.of().formatHex(hash), token.token());
        }
        List<Long> customerLocks = scope.customers().stream()
                .map(customer -> Locks.ofCustomer(customer, vault))
                .toList();
        Map<DeviceId, byte @Nullable []> expectedHashes =
                scope.devices().isEmpty() ? Map.of() : tokensOfDevices(customerLocks);
        List<Long> tokenLocks = Stream.concat(hashes.stream(), expectedHashes.values().stream())
                .filter(Objects::nonNull)
                .map(Locks::ofHash)
                .toList();

        String lockAndRead = scope.formerHolders() ? LOCK_AND_READ_FORMER_HOLDERS_TOO : LOCK_AND_READ;
        try (PreparedStatement statement = connection.prepareStatement(lockAndRead)) {
            Arguments arguments = Locks.arguments(statement, customerLocks, tokenLocks)
                    .texts(
                            tokens,
                            token -> token.customer() == null
                                    ? null
                                    : token.customer().value())
                    .byteStrings(hashes, hash -> hash)
                    .uuids(scope.devices(), DeviceId::value);
            if (scope.formerHolders()) {
                arguments.byteStrings(hashes, hash -> hash);
            }
            arguments.texts(scope.customers(), CustomerId::value);
            statement.execute();
            statement.getMoreResults();
            Map<DeviceId, Device> devices = new HashMap<>();
            try (ResultSet row = statement.getResultSet()) {
                while (row.next()) {
                    DeviceId id = DeviceRow.id(row);
                    byte[] hash = row.getBytes("token_hash");
                    if (scope.devices().contains(id) && !Arrays.equals(hash, expectedHashes.get(id))) {
                        throw new OvertakenException();
                    }
                    devices.put(id, DeviceRow.read(row, token(row, id, hash)));
                }
            }
            Map<DeviceToken, Instant> formerHolders = scope.formerHolders() ? formerHolders(statement) : Map.of();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                return registry(row, devices, formerHolders, newIds);
            }
        }
    }

    private Map<DeviceToken, Instant> formerHolders(PreparedStatement statement) throws SQLException {
        statement.getMoreResults();
        Map<DeviceToken, Instant> lastSeen = new HashMap<>();
        try (ResultSet row = statement.getResultSet()) {
            while (row.next()) {
                String hash = HexFormat.of().formatHex(row.getBytes("token_hash"));
                lastSeen.put(Objects.requireNonNull(tokensByHash.get(hash)), DeviceRow.time(row, "last_seen_at"));
            }
        }
        return lastSeen;
    }

    private Registry registry(
            ResultSet row,
            Map<DeviceId, Device> devices,
            Map<DeviceToken, Instant> formerHolders,
            Supplier<DeviceId> newIds)
            throws SQLException {
        List<Customer> customers = new ArrayList<>();
        Map<CustomerId, Integer> active = new HashMap<>();
        Instant now = Instant.EPOCH;
        while (row.next()) {
            now = DeviceRow.time(row, "now");
            String id = row.getString("id");
            if (id != null) {
                active.put(new CustomerId(id), row.getInt("active"));
            }
            if (row.getBoolean("known")) {
                customers.add(new Customer(
                        new CustomerId(id),
                        new Profile(
                                row.getString("email"),
                                row.getString("first_name"),
                                row.getString("last_name"),
                                row.getString("phone_no")),
                        DeviceRow.time(row, "created_at"),
                        DeviceRow.time(row, "updated_at")));
            }
        }
        return new Registry(scope, now, newIds, customers, active, formerHolders, devices.values());
    }

    /** From here on they change only if the scope does not name their customers. */
    private Map<DeviceId, byte @Nullable []> tokensOfDevices(List<Long> customerLocks) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOCK_CUSTOMERS_AND_READ_TOKENS)) {
            Locks.arguments(statement, customerLocks, List.of()).uuids(scope.devices(), DeviceId::value);
            statement.execute();
            statement.getMoreResults();
            Map<DeviceId, byte @Nullable []> hashes = new HashMap<>();
            try (ResultSet row = statement.getResultSet()) {
                while (row.next()) {
                    hashes.put(new DeviceId(row.getObject("id", UUID.class)), row.getBytes("token_hash"));
                }
            }
            return hashes;
        }
    }

    /** Decrypted only where the scope does not tell it. */
    private DeviceToken token(ResultSet row, DeviceId id, byte @Nullable [] hash) throws SQLException {
        DeviceToken known =
                hash == null ? null : tokensByHash.get(HexFormat.of().formatHex(hash));
        return known == null ? vault.open(row.getBytes("token_cipher"), id) : known;
    }
}
