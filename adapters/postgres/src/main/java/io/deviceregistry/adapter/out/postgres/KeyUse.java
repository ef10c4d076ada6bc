package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.KeyRecords.EncryptionKeyRecord;
import io.deviceregistry.application.port.out.EncryptionKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many rows are encrypted with which key. */
final class KeyUse {
    /** A row of which it has to be opened several times counts once for each key. */
    private static final String COUNTS = String.join(
            " union all ",
            count(Kind.DEVICES, "device", "select " + TokenVault.keyInSql("t.token_cipher")),
            count(Kind.DEVICE_SYNCS, "device_sync", """
                    select distinct %s
                      from unnest(array_append(t.former_token_ciphers, t.held_token_cipher)) u(cipher)""".formatted(TokenVault.keyInSql("u.cipher"))),
            count(Kind.ANSWERS, "idempotency_record", "select " + TokenVault.keyInSql("t.answer_cipher")),
            count(Kind.IMPORT_CHUNKS, "import_chunk", "select " + TokenVault.keyInSql("t.cipher")));

    private enum Kind {
        DEVICES,
        DEVICE_SYNCS,
        ANSWERS,
        IMPORT_CHUNKS
    }

    /**
     * The same pages each time, so that a number goes down as rows are encrypted anew, and does not jump. No index holds the
     * keys, since it would cost every registration something for what is asked once a year.
     */
    private static String count(Kind kind, String table, String keys) {
        return """
                select '%1$s' as kind, r.key, round(count(*) * 100 / max(s.share)) as number
                  from %3$s
                       cross join lateral (
                         select k.key
                           from %2$s t tablesample system (s.share) repeatable (0) cross join lateral (%4$s) k(key)) r
                 group by r.key""".formatted(kind, table, PageSample.share(table), keys);
    }

    private KeyUse() {}

    /** The key that was used last first. */
    static List<EncryptionKey> of(Connection connection, TokenVault vault) throws SQLException {
        Map<KeyId, Map<Kind, Long>> numbers = count(connection);
        return KeyRecords.encryptionKeys(connection, vault).stream()
                .map(key -> described(key, numbers.getOrDefault(key.id(), Map.of())))
                .toList();
    }

    private static EncryptionKey described(EncryptionKeyRecord key, Map<Kind, Long> numbers) {
        return new EncryptionKey(
                key.id().toString(),
                key.state(),
                key.lastUsedAt(),
                numbers.getOrDefault(Kind.DEVICES, 0L),
                numbers.getOrDefault(Kind.DEVICE_SYNCS, 0L),
                numbers.getOrDefault(Kind.ANSWERS, 0L),
                numbers.getOrDefault(Kind.IMPORT_CHUNKS, 0L));
    }

    private static Map<KeyId, Map<Kind, Long>> count(Connection connection) throws SQLException {
        Map<KeyId, Map<Kind, Long>> numbers = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(COUNTS);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                byte[] key = row.getBytes("key");
                // Neither what is null nor what is damaged has one.
                if (key != null && key.length == KeyId.BYTES) {
                    numbers.computeIfAbsent(KeyId.of(key), _ -> new EnumMap<>(Kind.class))
                            .put(Kind.valueOf(row.getString("kind")), row.getLong("number"));
                }
            }
        }
        return numbers;
    }
}
