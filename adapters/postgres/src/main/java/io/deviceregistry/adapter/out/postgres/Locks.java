package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.CustomerId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;

/**
 * Advisory locks, held to the end of the transaction: of tokens, by their hash, for whoever may change a device that has
 * the token or is to have it; of customers, for whoever may give a customer a device or take the customer away. Two that
 * happen to have one key only wait for each other once more.
 */
final class Locks {
    /**
     * Ascending keys, so that no two transactions wait for each other; {@code offset 0} keeps the planner from locking
     * before it sorted. A statement of its own: only the next one sees what was committed while this one waited.
     */
    static final String TAKE = """
            select pg_advisory_xact_lock(k)
              from (select distinct k from unnest(?::bigint[]) k order by k offset 0) ascending""";

    private Locks() {}

    static void take(Connection connection, Collection<Long> keys) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
            new Arguments(statement).numbers(keys, key -> key);
            statement.execute();
        }
    }

    /** Does not wait, so it need not keep the order. */
    static boolean tryTake(Connection connection, long key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select pg_try_advisory_xact_lock(?)")) {
            new Arguments(statement).number(key);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getBoolean(1);
            }
        }
    }

    static long ofHash(byte[] hash) {
        return ByteBuffer.wrap(hash).getLong();
    }

    static long ofCustomer(CustomerId customer, TokenVault vault) {
        return ofHash(vault.mac("customer", customer.value().getBytes(StandardCharsets.US_ASCII)));
    }
}
