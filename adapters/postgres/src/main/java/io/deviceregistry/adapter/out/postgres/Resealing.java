package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.DeviceId;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.GeneralSecurityException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Encrypts anew, step by step, what is encrypted with another key than the one in use, until a whole walk over all devices
 * finds nothing of that kind: then the other key is needed no more. What is remembered for an {@code Idempotency-Key}, and
 * what waits to be imported, is left to its end.
 */
final class Resealing {
    /** Not that of the version before, which has no end. */
    static final String WALK = "sealed with another key, to its end";

    private static final Logger LOG = System.getLogger(Resealing.class.getName());

    private static final Duration BETWEEN_WALKS = Duration.ofMinutes(1);

    /**
     * Not beyond what there was in the beginning: new devices come as fast as a walk goes on, and are encrypted with the key
     * in use. A key that somebody comes back with after the beginning is not given up by this walk, and the next one has
     * another end.
     */
    private static final String NEXT = """
            select id from device
             where id > ? and id <= (select until from walk where name = ?)
             order by id limit ?""";

    /** Rows to be encrypted anew, whether somebody has them locked or not. */
    private static final String COUNT =
            """
            select (select count(*) from device d where d.id = any (?::uuid[]) and %1$s)
                   + (select count(*) from device_sync s
                       where s.device_id = any (?::uuid[])
                         and (%2$s or exists (select from unnest(s.former_token_ciphers) f(cipher) where %3$s)))""".formatted(hasOtherKey("d.token_cipher"), hasOtherKey("s.held_token_cipher"), hasOtherKey("f.cipher"));

    /** Not all writers lock in one order without the locks of tokens, so nobody is waited for: the next walk comes. */
    private static final String DEVICES = """
            select d.id, d.token_cipher from device d
             where d.id = any (?::uuid[]) and %s
             order by d.id
               for no key update skip locked""".formatted(hasOtherKey("d.token_cipher"));

    private static final String UPDATE_DEVICES = """
            update device d set token_cipher = sealed.cipher
              from unnest(?::uuid[], ?::bytea[]) as sealed(id, cipher)
             where d.id = sealed.id""";

    private static final String SYNCS = """
            select s.device_id, s.provider, s.held_token_cipher, s.former_token_ciphers from device_sync s
             where s.device_id = any (?::uuid[])
               and (%s or exists (select from unnest(s.former_token_ciphers) f(cipher) where %s))
             order by s.device_id, s.provider
               for no key update skip locked""".formatted(hasOtherKey("s.held_token_cipher"), hasOtherKey("f.cipher"));

    private static final String UPDATE_SYNC = """
            update device_sync set held_token_cipher = ?, former_token_ciphers = ?::bytea[]
             where device_id = ? and provider = ?""";

    private static String hasOtherKey(String column) {
        return TokenVault.keyInSql(column) + " <> ?";
    }

    private final Connection connection;
    private final TokenVault vault;
    private int resealed;
    /** Sealed with a key that is known, and damaged. */
    private int lost;

    private Resealing(Connection connection, TokenVault vault) {
        this.connection = connection;
        this.vault = vault;
    }

    /**
     * One step of the walk that all processes share, if there is any other key and nobody uses it any more: two that
     * encrypt with different keys would undo each other's work.
     *
     * @param window how many devices to look at
     * @return how many rows were encrypted anew
     */
    static int step(Connection connection, TokenVault vault, int window) throws SQLException {
        KeyRecords.touch(connection, vault);
        // A row that lacks a hash while the lookup key is being replaced can be changed by nobody but who adds that.
        if (!KeyRecords.othersAreOut(connection, vault)
                || LookupPhase.hold(connection).isOfTwoKeys()) {
            return 0;
        }
        Optional<Walk> walk = Walk.take(connection, WALK, BETWEEN_WALKS);
        if (walk.isEmpty()) {
            return 0;
        }
        walk.get().fixEnd();
        Resealing step = new Resealing(connection, vault);
        List<UUID> devices = step.next(walk.get().position(), window);
        long toDo = step.count(devices);
        if (toDo > 0) {
            step.devices(devices);
            step.syncs(devices);
            if (step.lost > 0) {
                LOG.log(Level.ERROR, "{0} tokens are damaged, and lost", step.lost);
            }
            // What was skipped, and what only another process can open, keeps its key.
            if (toDo > step.lost) {
                KeyRecords.found(connection, vault);
            }
        }
        boolean more = devices.size() == window;
        walk.get().moveTo(more ? devices.getLast() : null);
        if (!more && KeyRecords.retire(connection, vault, WALK) > 0) {
            LOG.log(Level.INFO, "Nothing is encrypted any more with a key other than registry.token.encryption-key");
        }
        return step.resealed;
    }

    private long count(List<UUID> ids) throws SQLException {
        byte[] current = vault.sealingKeyId().bytes();
        try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
            new Arguments(statement)
                    .uuids(ids, id -> id)
                    .bytes(current)
                    .uuids(ids, id -> id)
                    .bytes(current)
                    .bytes(current);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private List<UUID> next(UUID after, int window) throws SQLException {
        List<UUID> ids = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(NEXT)) {
            new Arguments(statement).uuid(after).text(WALK).number(window);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getObject("id", UUID.class));
                }
            }
        }
        return ids;
    }

    private void devices(List<UUID> ids) throws SQLException {
        List<UUID> devices = new ArrayList<>();
        List<byte[]> ciphers = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(DEVICES)) {
            new Arguments(statement)
                    .uuids(ids, id -> id)
                    .bytes(vault.sealingKeyId().bytes());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    DeviceId device = DeviceRow.id(row);
                    resealed(device, row.getBytes("token_cipher")).ifPresent(cipher -> {
                        devices.add(device.value());
                        ciphers.add(cipher);
                    });
                }
            }
        }
        if (!devices.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(UPDATE_DEVICES)) {
                new Arguments(statement).uuids(devices, id -> id).byteStrings(ciphers, cipher -> cipher);
                resealed += statement.executeUpdate();
            }
        }
    }

    private void syncs(List<UUID> ids) throws SQLException {
        byte[] current = vault.sealingKeyId().bytes();
        try (PreparedStatement statement = connection.prepareStatement(SYNCS);
                PreparedStatement update = connection.prepareStatement(UPDATE_SYNC)) {
            new Arguments(statement).uuids(ids, id -> id).bytes(current).bytes(current);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    DeviceId device = new DeviceId(row.getObject("device_id", UUID.class));
                    byte[] held = row.getBytes("held_token_cipher");
                    Array former = row.getArray("former_token_ciphers");
                    update.setBytes(
                            1, held == null ? null : resealed(device, held).orElse(held));
                    update.setArray(2, former == null ? null : resealed(device, former));
                    update.setObject(3, device.value());
                    update.setString(4, row.getString("provider"));
                    update.addBatch();
                }
            }
            resealed += update.executeBatch().length;
        }
    }

    private Array resealed(DeviceId device, Array ciphers) throws SQLException {
        return connection.createArrayOf(
                "bytea",
                Stream.of((byte[][]) ciphers.getArray())
                        .map(cipher -> resealed(device, cipher).orElse(cipher))
                        .toArray(byte[][]::new));
    }

    /** Empty for what cannot be opened, which stays as it is. */
    private Optional<byte[]> resealed(DeviceId device, byte[] cipher) {
        try {
            return Optional.of(vault.reseal(cipher, device));
        } catch (GeneralSecurityException e) {
            lost += TokenVault.isWhole(cipher) && !vault.knownKeyIds().contains(TokenVault.keyOf(cipher)) ? 0 : 1;
            return Optional.empty();
        }
    }
}
