package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.adapter.out.postgres.Transactions.OvertakenException;
import io.deviceregistry.application.port.out.IdempotencyRecords.Kept;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Locks what is in scopes and reads it, in one round trip to the database unless devices are asked for by id. Where several
 * changes are loaded together, what the request of each was answered already is read with them; whoever is alone has looked
 * before, see {@link IdempotencyRecord}.
 */
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

    /**
     * The clock and not now(), which is the time before the locks were waited for. The status is no condition of the
     * count, or an index of what is active would do for it, all of it. Which keys the database has is read behind the
     * devices, and so is what it was when they were read.
     */
    private static final String CUSTOMERS = """
            select clock.now, w.id, c.id is not null as known,
                   c.email, c.first_name, c.last_name, c.phone_no, c.created_at, c.updated_at, c.updated_by,
                   (select count(*) filter (where d.status = 'ACTIVE')
                      from device d where d.customer_id = w.id) as active, %s
              from (select clock_timestamp() as now) clock
              left join token_lookup lookup on true
              left join unnest(?::text[]) w(id) on true
              left join lateral (
                   select * from customer c where c.id = w.id and not c.erased limit 1) c on true""".formatted(LookupPhase.COLUMNS);

    /** Several changes must not wait for what one of them needs, not for locks of rows either. */
    static final String BY_INDEX_WITHOUT_WAITING = PlansByIndex.SETTING + ", set_config('lock_timeout', '200ms', true)";

    private static final String AND_RECORDS = ";\n" + IdempotencyRecord.FIND;

    /** How locks are taken that somebody else may have. */
    private enum Taking {
        WAITING(PlansByIndex.SETTING, Locks.TAKE),
        TRYING(BY_INDEX_WITHOUT_WAITING, Locks.TRY);

        private final String lockAndRead;
        private final String lockAndReadFormerHoldersToo;

        Taking(String settings, String locks) {
            lockAndRead = String.join(";\n", settings, locks, DEVICES, CUSTOMERS);
            lockAndReadFormerHoldersToo = String.join(";\n", settings, locks, DEVICES, FORMER_HOLDERS, CUSTOMERS);
        }

        String lockAndRead(boolean formerHoldersToo, boolean recordsToo) {
            String lockAndReadRegistry = formerHoldersToo ? lockAndReadFormerHoldersToo : lockAndRead;
            return recordsToo ? lockAndReadRegistry + AND_RECORDS : lockAndReadRegistry;
        }
    }

    private final TokenVault vault;
    private final List<Part> parts;
    private final Map<String, Part> byCustomer = new HashMap<>();
    private final Map<ByteBuffer, Part> byHash = new HashMap<>();
    private final Map<ByteBuffer, DeviceToken> tokensByHash = new HashMap<>();
    private Instant now = Instant.EPOCH;
    private @Nullable LookupPhase phase;

    /** What was read for one of the scopes. */
    private static final class Part {
        private final Scope scope;
        private final Map<DeviceId, Device> devices = new HashMap<>();
        private final Map<DeviceToken, Instant> formerHolders = new HashMap<>();
        private final List<Customer> customers = new ArrayList<>();
        private final Map<CustomerId, Integer> activeDevices = new HashMap<>();
        private @Nullable Supplier<Kept> kept;

        Part(Scope scope) {
            this.scope = scope;
        }
    }

    /**
     * What a change is given.
     *
     * @param registry the part of the registry, for whoever makes the change
     * @param kept tells what the request that asks for it was answered already; null if nothing
     * @param now when it was read, by the database's clock
     */
    record Loaded(
            Function<Caller, Registry> registry, @Nullable Supplier<Kept> kept, Instant now) {}

    private LoadedRegistry(List<Footprint> footprints, TokenVault vault) {
        this.vault = vault;
        this.parts = footprints.stream()
                .map(footprint -> new Part(footprint.scope()))
                .toList();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            Footprint footprint = footprints.get(i);
            part.scope.customers().forEach(customer -> byCustomer.put(customer.value(), part));
            footprint.hashes().forEach((token, hash) -> {
                byHash.put(ByteBuffer.wrap(hash), part);
                tokensByHash.put(ByteBuffer.wrap(hash), token);
            });
        }
    }

    /**
     * Waits until nobody else has what is in the scope.
     *
     * @throws OvertakenException if a device that is asked for by id got another token meanwhile, or the hashes are not
     *     those of the database
     */
    static Registry load(
            Connection connection, Footprint footprint, Caller by, TokenVault vault, Supplier<DeviceId> newIds)
            throws SQLException {
        Scope scope = footprint.scope();
        Map<DeviceId, byte @Nullable []> hashes =
                scope.devices().isEmpty() ? Map.of() : tokensOfDevices(connection, footprint);
        Set<Long> tokenLocks = new HashSet<>(footprint.tokenLocks());
        for (byte[] hash : hashes.values()) {
            if (hash != null) {
                tokenLocks.add(Locks.ofHash(hash));
            }
        }
        LoadedRegistry loaded = new LoadedRegistry(List.of(footprint), vault);
        loaded.lockAndRead(connection, Taking.WAITING, List.of(footprint), tokenLocks, hashes);
        vault.require(footprint.made(), requireNonNull(loaded.phase));
        return loaded.registry(loaded.parts.getFirst(), by, newIds);
    }

    /**
     * Waits for nobody.
     *
     * @param footprints whole ones, made in one phase, no two of which need the same lock
     * @return for each its part of the registry, and what its record says; empty if somebody else has any of it
     * @throws OvertakenException if the hashes are not those of the database
     */
    static List<Optional<Loaded>> tryLoad(
            Connection connection, List<Footprint> footprints, TokenVault vault, Supplier<DeviceId> newIds)
            throws SQLException {
        LoadedRegistry loaded = new LoadedRegistry(footprints, vault);
        Set<Long> tokenLocks = new HashSet<>();
        footprints.forEach(footprint -> {
            tokenLocks.addAll(footprint.tokenLocks());
            tokenLocks.addAll(footprint.recordLocks());
        });
        Set<Long> missed = loaded.lockAndRead(connection, Taking.TRYING, footprints, tokenLocks, Map.of());
        vault.require(footprints.getFirst().made(), requireNonNull(loaded.phase));
        List<Optional<Loaded>> all = new ArrayList<>();
        for (int i = 0; i < footprints.size(); i++) {
            Part part = loaded.parts.get(i);
            all.add(
                    footprints.get(i).needsAnyOf(missed)
                            ? Optional.empty()
                            : Optional.of(new Loaded(by -> loaded.registry(part, by, newIds), part.kept, loaded.now)));
        }
        return all;
    }

    /** @return the locks that somebody else has; none if it waits for them */
    private Set<Long> lockAndRead(
            Connection connection,
            Taking taking,
            List<Footprint> footprints,
            Set<Long> tokenLocks,
            Map<DeviceId, byte @Nullable []> expectedHashes)
            throws SQLException {
        List<Long> customerLocks = footprints.stream()
                .flatMap(footprint -> footprint.customerLocks().stream())
                .toList();
        List<Footprint> askingForFormerHolders = footprints.stream()
                .filter(footprint -> footprint.scope().formerHolders())
                .toList();
        // Who waits has looked for the record before.
        List<IdempotencyRecord> records = taking == Taking.WAITING ? List.of() : records(footprints);
        List<Wanted> wanted = footprints.stream().flatMap(Wanted::of).toList();
        try (PreparedStatement statement = connection.prepareStatement(
                taking.lockAndRead(!askingForFormerHolders.isEmpty(), !records.isEmpty()))) {
            Arguments arguments = Locks.arguments(statement, customerLocks, tokenLocks)
                    .texts(wanted, Wanted::customer)
                    .byteStrings(wanted, Wanted::hash)
                    .uuids(expectedHashes.keySet(), DeviceId::value);
            if (!askingForFormerHolders.isEmpty()) {
                List<byte[]> hashes = askingForFormerHolders.stream()
                        .flatMap(footprint -> footprint.hashes().values().stream())
                        .toList();
                arguments.byteStrings(hashes, hash -> hash);
            }
            arguments.texts(byCustomer.keySet(), customer -> customer);
            if (!records.isEmpty()) {
                IdempotencyRecord.sought(arguments, records);
            }
            statement.execute();
            statement.getMoreResults();
            Set<Long> missed = taking == Taking.WAITING ? Set.of() : locks(statement);
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                readDevices(row, expectedHashes);
            }
            if (!askingForFormerHolders.isEmpty()) {
                statement.getMoreResults();
                try (ResultSet row = statement.getResultSet()) {
                    readFormerHolders(row);
                }
            }
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                readCustomers(row);
            }
            if (!records.isEmpty()) {
                statement.getMoreResults();
                try (ResultSet row = statement.getResultSet()) {
                    readRecords(row, footprints);
                }
            }
            return missed;
        }
    }

    private static Set<Long> locks(PreparedStatement statement) throws SQLException {
        Set<Long> locks = new HashSet<>();
        try (ResultSet row = statement.getResultSet()) {
            while (row.next()) {
                locks.add(row.getLong(1));
            }
        }
        return locks;
    }

    /** A token whose holder is asked for, and the customer whose own device with it is, if any is. */
    private record Wanted(Scope.Token token, Footprint footprint) {
        static Stream<Wanted> of(Footprint footprint) {
            return footprint.scope().tokens().stream().map(token -> new Wanted(token, footprint));
        }

        @Nullable String customer() {
            return token.customer() == null ? null : token.customer().value();
        }

        byte[] hash() {
            return requireNonNull(footprint.hashes().get(token.token()));
        }
    }

    private void readDevices(ResultSet row, Map<DeviceId, byte @Nullable []> expectedHashes) throws SQLException {
        while (row.next()) {
            DeviceId id = DeviceRow.id(row);
            byte[] hash = row.getBytes("token_hash");
            if (expectedHashes.containsKey(id) && !Arrays.equals(hash, expectedHashes.get(id))) {
                throw new OvertakenException();
            }
            partOf(hash).devices.put(id, DeviceRow.read(row, token(row, id, hash)));
        }
    }

    /** What is not found by its token was asked for by its id, and then there is one scope only. */
    private Part partOf(byte @Nullable [] hash) {
        return hash == null ? parts.getFirst() : byHash.getOrDefault(ByteBuffer.wrap(hash), parts.getFirst());
    }

    /** Decrypted only where the scope does not tell it. */
    private DeviceToken token(ResultSet row, DeviceId id, byte @Nullable [] hash) throws SQLException {
        DeviceToken known = hash == null ? null : tokensByHash.get(ByteBuffer.wrap(hash));
        return known == null ? vault.open(row.getBytes("token_cipher"), id) : known;
    }

    private void readFormerHolders(ResultSet row) throws SQLException {
        while (row.next()) {
            ByteBuffer hash = ByteBuffer.wrap(row.getBytes("token_hash"));
            requireNonNull(byHash.get(hash))
                    .formerHolders
                    .put(requireNonNull(tokensByHash.get(hash)), DeviceRow.time(row, "last_seen_at"));
        }
    }

    private void readCustomers(ResultSet row) throws SQLException {
        while (row.next()) {
            // The same in each row.
            if (phase == null) {
                now = DeviceRow.time(row, "now");
                phase = LookupPhase.of(row);
            }
            String id = row.getString("id");
            if (id == null) {
                continue;
            }
            Part part = requireNonNull(byCustomer.get(id));
            CustomerId customer = new CustomerId(id);
            part.activeDevices.put(customer, row.getInt("active"));
            if (row.getBoolean("known")) {
                part.customers.add(new Customer(
                        customer,
                        new Profile(
                                row.getString("email"),
                                row.getString("first_name"),
                                row.getString("last_name"),
                                row.getString("phone_no")),
                        DeviceRow.time(row, "created_at"),
                        DeviceRow.time(row, "updated_at"),
                        DeviceRow.callerOrNull(row, "updated_by")));
            }
        }
    }

    private static List<IdempotencyRecord> records(List<Footprint> footprints) {
        return footprints.stream()
                .map(Footprint::record)
                .filter(Objects::nonNull)
                .toList();
    }

    private void readRecords(ResultSet row, List<Footprint> footprints) throws SQLException {
        while (row.next()) {
            for (int i = 0; i < footprints.size(); i++) {
                IdempotencyRecord record = footprints.get(i).record();
                if (record != null && record.isAt(row)) {
                    parts.get(i).kept = record.kept(row, vault);
                }
            }
        }
    }

    private Registry registry(Part part, Caller by, Supplier<DeviceId> newIds) {
        return new Registry(
                part.scope,
                by,
                now,
                newIds,
                part.customers,
                part.activeDevices,
                part.formerHolders,
                part.devices.values());
    }

    /** From here on they change only if the scope does not name their customers. */
    private static Map<DeviceId, byte @Nullable []> tokensOfDevices(Connection connection, Footprint footprint)
            throws SQLException {
        Map<DeviceId, byte @Nullable []> hashes = new HashMap<>();
        // Of one that is not there, nothing is expected.
        footprint.scope().devices().forEach(device -> hashes.put(device, null));
        try (PreparedStatement statement = connection.prepareStatement(LOCK_CUSTOMERS_AND_READ_TOKENS)) {
            Locks.arguments(statement, footprint.customerLocks(), List.of())
                    .uuids(footprint.scope().devices(), DeviceId::value);
            statement.execute();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                while (row.next()) {
                    hashes.put(new DeviceId(row.getObject("id", UUID.class)), row.getBytes("token_hash"));
                }
            }
            return hashes;
        }
    }
}
