package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * While one lookup key takes the place of another, gives what was stored before the hash of its token by the next one, step
 * by step. What is stored meanwhile has both, and a constraint sees to that.
 */
final class BackFill {
    static final String WALK = "found by one lookup key only";

    private static final Logger LOG = System.getLogger(BackFill.class.getName());

    /** Only of what cannot be read is there anything to be looked for again. */
    private static final Duration BETWEEN_WALKS = Duration.ofMinutes(1);

    static final String DEVICE_LACKS_HASH = "d.token_hash is not null and d.next_token_hash is null";

    private static final String IS_FILLED = "select filled_at is not null from token_lookup";

    /** Not beyond what there was in the beginning: new devices come as fast as a walk goes on, and lack nothing. */
    private static final String NEXT = """
            select w.id, w.token_hash is not null and w.next_token_hash is null as lacks_hash
              from (select id, token_hash, next_token_hash from device
                     where id > ? and id <= (select fill_to from token_lookup)
                     order by id limit ?) w""";

    /** Whoever has one at this moment may give it both hashes, and else the next step comes to it. */
    private static final String DEVICES = """
            select d.id, d.token_hash, d.token_cipher from device d
             where d.id = any (?::uuid[]) and %s
             order by d.id
               for no key update skip locked""".formatted(DEVICE_LACKS_HASH);

    private static final String DEVICES_OF_CUSTOMER = """
            select d.id, d.token_hash, d.token_cipher from device d
             where d.customer_id = ? and %s""".formatted(DEVICE_LACKS_HASH);

    private static final String UPDATE_DEVICES = """
            update device d set next_token_hash = made.hash
              from unnest(?::uuid[], ?::bytea[]) as made(id, hash)
             where d.id = made.id""";

    private static final String NOTE_UNREADABLE = """
            update token_lookup set unreadable = case when ? then 0 else unreadable end + ?""";

    private static final String NOTE_FILLED = """
            update token_lookup set filled_at = now() where unreadable = 0""";

    /** Whoever settles a row deletes its notes, under the lock that is taken here. */
    private static final String RELEASES = """
            select r.token_hash, r.provider, r.device_id, s.held_token_cipher, s.former_token_ciphers,
                   s.lease is not null or s.uncertain as in_doubt
              from token_release r
              join device_sync s on s.device_id = r.device_id and s.provider = r.provider
             where r.next_token_hash is null
             order by s.device_id, s.provider
             limit ?
               for no key update of s skip locked""";

    private static final String UPDATE_RELEASE = """
            update token_release set next_token_hash = ? where token_hash = ? and provider = ? and device_id = ?""";

    private static final String DELETE_RELEASE = """
            delete from token_release where token_hash = ? and provider = ? and device_id = ?""";

    private static final String RELEASE_LACKS_HASH =
            "select exists (select from token_release where next_token_hash is null)";

    private final Connection connection;
    private final TokenVault vault;
    private final TokenHashes hashes;
    private final List<DeviceId> unreadable = new ArrayList<>();

    /** @param hashes those of the database, of two keys */
    private BackFill(Connection connection, TokenVault vault, TokenHashes hashes) {
        this.connection = connection;
        this.vault = vault;
        this.hashes = hashes;
    }

    /**
     * One step of the walk that all processes share.
     *
     * @param window how many devices to look at
     * @return how many rows were written
     */
    static int step(Connection connection, TokenVault vault, int window) throws SQLException {
        TokenHashes hashes = vault.hashes();
        LookupPhase phase = LookupPhase.hold(connection);
        vault.require(hashes, phase);
        if (!phase.isOfTwoKeys()) {
            return 0;
        }
        BackFill step = new BackFill(connection, vault, hashes);
        return (Transactions.isTrue(connection, IS_FILLED) ? 0 : step.walk(window)) + step.releases(window);
    }

    /** Whether all that the switch needs is there; only in a phase of two keys. */
    static boolean isDone(Connection connection) throws SQLException {
        return Transactions.isTrue(connection, IS_FILLED) && !Transactions.isTrue(connection, RELEASE_LACKS_HASH);
    }

    /** Of devices that are locked. What cannot be read keeps one hash. */
    static void customer(Connection connection, TokenVault vault, TokenHashes hashes, CustomerId customer)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DEVICES_OF_CUSTOMER)) {
            new Arguments(statement).text(customer.value());
            new BackFill(connection, vault, hashes).devices(statement);
        }
    }

    private int walk(int window) throws SQLException {
        Optional<Walk> walk = Walk.take(connection, WALK, BETWEEN_WALKS);
        if (walk.isEmpty()) {
            return 0;
        }
        List<UUID> lacking = new ArrayList<>();
        UUID last = null;
        int lookedAt = 0;
        try (PreparedStatement statement = connection.prepareStatement(NEXT)) {
            new Arguments(statement).uuid(walk.get().position()).number(window);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    lookedAt++;
                    last = row.getObject("id", UUID.class);
                    if (row.getBoolean("lacks_hash")) {
                        lacking.add(last);
                    }
                }
            }
        }
        int written = 0;
        if (!lacking.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(DEVICES)) {
                new Arguments(statement).uuids(lacking, id -> id);
                written = devices(statement);
            }
            if (written + unreadable.size() < lacking.size()) {
                // Somebody has one of them: the walk comes here again.
                return written;
            }
        }
        moveTo(walk.get(), lookedAt == window ? last : null);
        return written;
    }

    private void moveTo(Walk walk, @Nullable UUID last) throws SQLException {
        if (walk.isAtBeginning() || !unreadable.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(NOTE_UNREADABLE)) {
                new Arguments(statement).bool(walk.isAtBeginning()).number(unreadable.size());
                statement.executeUpdate();
            }
        }
        if (!unreadable.isEmpty()) {
            LOG.log(
                    Level.ERROR,
                    "Of these devices the token cannot be opened, or has another hash than was stored, so the former lookup"
                            + " key cannot be given up: {0}",
                    unreadable);
        }
        walk.moveTo(last);
        if (last == null) {
            try (Statement statement = connection.createStatement()) {
                if (statement.executeUpdate(NOTE_FILLED) > 0) {
                    LOG.log(Level.INFO, "Every device can be found by the next lookup key");
                }
            }
        }
    }

    /** @return how many got their second hash */
    private int devices(PreparedStatement lacking) throws SQLException {
        List<DeviceId> devices = new ArrayList<>();
        List<byte[]> made = new ArrayList<>();
        try (ResultSet row = lacking.executeQuery()) {
            while (row.next()) {
                DeviceId device = DeviceRow.id(row);
                byte[] next = next(device, row.getBytes("token_cipher"), row.getBytes("token_hash"));
                if (next == null) {
                    unreadable.add(device);
                } else {
                    devices.add(device);
                    made.add(next);
                }
            }
        }
        if (!devices.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(UPDATE_DEVICES)) {
                new Arguments(statement).uuids(devices, DeviceId::value).byteStrings(made, hash -> hash);
                statement.executeUpdate();
            }
        }
        return devices.size();
    }

    /** Null if the token is not readable, or is not that of the hash. */
    private byte @Nullable [] next(DeviceId device, byte @Nullable [] cipher, byte[] hash) {
        if (cipher == null) {
            return null;
        }
        try {
            DeviceToken token = vault.open(cipher, device);
            return Arrays.equals(hashes.of(token), hash) ? hashes.next(token) : null;
        } catch (UnreadableTokenException e) {
            return null;
        }
    }

    /**
     * A token that was given up is among those by which the provider may know the device. If it is not, the provider does not
     * know the device by it, and nobody need wait for that to be told: then the note goes, but not while an attempt's outcome
     * is unknown.
     */
    private int releases(int limit) throws SQLException {
        int written = 0;
        try (PreparedStatement statement = connection.prepareStatement(RELEASES)) {
            new Arguments(statement).number(limit);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    written += release(row) ? 1 : 0;
                }
            }
        }
        return written;
    }

    private boolean release(ResultSet row) throws SQLException {
        byte[] hash = requireNonNull(row.getBytes("token_hash"));
        DeviceId device = new DeviceId(row.getObject("device_id", UUID.class));
        boolean allRead = true;
        for (byte[] cipher : ciphers(row)) {
            try {
                DeviceToken token = vault.open(cipher, device);
                if (Arrays.equals(hashes.of(token), hash)) {
                    return write(UPDATE_RELEASE, hashes.next(token), row);
                }
            } catch (UnreadableTokenException e) {
                allRead = false;
            }
        }
        return allRead && !row.getBoolean("in_doubt") && write(DELETE_RELEASE, null, row);
    }

    private boolean write(String sql, byte @Nullable [] next, ResultSet row) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Arguments arguments = new Arguments(statement);
            if (next != null) {
                arguments.bytes(next);
            }
            arguments
                    .bytes(row.getBytes("token_hash"))
                    .text(row.getString("provider"))
                    .uuid(row.getObject("device_id", UUID.class));
            return statement.executeUpdate() > 0;
        }
    }

    private static List<byte[]> ciphers(ResultSet row) throws SQLException {
        List<byte[]> ciphers = new ArrayList<>();
        byte[] held = row.getBytes("held_token_cipher");
        if (held != null) {
            ciphers.add(held);
        }
        Array former = row.getArray("former_token_ciphers");
        if (former != null) {
            ciphers.addAll(List.of((byte[][]) former.getArray()));
        }
        return ciphers;
    }
}
