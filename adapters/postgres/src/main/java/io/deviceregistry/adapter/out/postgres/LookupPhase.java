package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * By which key tokens are found in the database, and which one is to take its place. It changes only while nobody else
 * holds any lock on {@code device}, so it stays for whoever has read or written a device until the transaction ends.
 *
 * @param key makes {@code token_hash}
 * @param next makes {@code next_token_hash} besides; null while no key is being replaced, when there is no such column
 */
record LookupPhase(KeyId key, @Nullable KeyId next) {
    /** What {@link #of} reads, where {@code token_lookup} is {@code lookup}. */
    static final String COLUMNS = "lookup.key_id as lookup_key, lookup.next_key_id as next_lookup_key";

    private static final String READ = "select " + COLUMNS + " from token_lookup lookup";

    /** The lock is that of any query, and none is in the way of another one. */
    private static final String HOLD = "lock table device in access share mode;\n" + READ;

    static LookupPhase of(ResultSet row) throws SQLException {
        byte[] next = row.getBytes("next_lookup_key");
        return new LookupPhase(
                KeyId.of(requireNonNull(row.getBytes("lookup_key"))), next == null ? null : KeyId.of(next));
    }

    /** It may be another one at once. */
    static LookupPhase read(Connection connection) throws SQLException {
        return read(connection, READ);
    }

    /** It stays so until the transaction ends. */
    static LookupPhase hold(Connection connection) throws SQLException {
        return read(connection, HOLD);
    }

    private static LookupPhase read(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean isResult = statement.execute(sql);
            while (!isResult) {
                isResult = statement.getMoreResults();
            }
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return of(row);
            }
        }
    }

    boolean isOfTwoKeys() {
        return next != null;
    }

    /** Which a process must have to take part. */
    Set<KeyId> keys() {
        return Stream.of(key, next).filter(one -> one != null).collect(Collectors.toSet());
    }
}
