package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.CustomerId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;

/**
 * Advisory locks, held to the end of the transaction: of customers, for whoever may give a customer a device or take the
 * customer away; of tokens, by their hash, for whoever may change a device that has the token or is to have it. Two that
 * happen to have one key only wait for each other once more.
 *
 * <p>An idempotency key has locks of the same kind. They are tried before anything is waited for, and never waited for
 * themselves, so they need no place in the order.
 */
final class Locks {
    /**
     * Those of customers first, then those of tokens, each by ascending keys, so that no two transactions wait for each
     * other; {@code offset 0} keeps the planner from locking before it sorted. Whoever has a customer can thus look up the
     * tokens of the customer's devices, which stay as they are, before locking them. A statement of its own: only the next
     * one sees what was committed while this one waited.
     */
    static final String TAKE = """
            select pg_advisory_xact_lock(k)
              from (select k
                      from (select 1 as turn, k from unnest(?::bigint[]) k
                            union
                            select 2 as turn, k from unnest(?::bigint[]) k) wanted
                     order by turn, k offset 0) ascending""";

    /** Answers with those that somebody else has. Waits for nobody, so the order does not matter. */
    static final String TRY = """
            select k from (select unnest(?::bigint[]) as k union select unnest(?::bigint[])) wanted
             where not pg_try_advisory_xact_lock(k)""";

    private Locks() {}

    static void takeOfCustomers(Connection connection, Collection<Long> customers) throws SQLException {
        take(connection, customers, Set.of());
    }

    static void takeOfTokens(Connection connection, Collection<Long> tokens) throws SQLException {
        take(connection, Set.of(), tokens);
    }

    private static void take(Connection connection, Collection<Long> customers, Collection<Long> tokens)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
            arguments(statement, customers, tokens);
            statement.execute();
        }
    }

    /** For a statement that begins with {@link #TAKE} or {@link #TRY}. */
    static Arguments arguments(PreparedStatement statement, Collection<Long> customers, Collection<Long> tokens)
            throws SQLException {
        return new Arguments(statement).numbers(customers, key -> key).numbers(tokens, key -> key);
    }

    /**
     * Locks of nothing that the registry holds, which nobody waits for.
     *
     * @return whether nobody else has any of them
     */
    static boolean tryTake(Connection connection, Collection<Long> keys) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TRY)) {
            arguments(statement, Set.of(), keys);
            try (ResultSet missed = statement.executeQuery()) {
                return !missed.next();
            }
        }
    }

    static long ofHash(byte[] hash) {
        return ByteBuffer.wrap(hash).getLong();
    }

    static long ofCustomer(CustomerId customer, TokenHashes made) {
        return ofHash(made.mac("customer", customer.value().getBytes(StandardCharsets.US_ASCII)));
    }
}
