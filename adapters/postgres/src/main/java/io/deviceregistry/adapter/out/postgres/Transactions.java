package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Runs work in transactions, and tells failures of the database from faults of ours. */
final class Transactions {
    /**
     * Classes of SQLSTATE that say something of the database's state, not of the statement: connection (08),
     * transaction state, such as a standby that takes no writes (25), transaction rolled back (40), insufficient resources (53), lock not available (55), operator intervention (57,
     * with the timeouts among it) and system error (58). See PostgreSQL's appendix "Error Codes".
     */
    private static final Set<String> UNAVAILABLE = Set.of("08", "25", "40", "53", "55", "57", "58");

    private final DataSource dataSource;

    Transactions(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    interface Work<T extends @Nullable Object> {
        T in(Connection connection) throws SQLException;
    }

    /**
     * Runs native statements in a transaction of their own, committed on return.
     *
     * @throws StoreUnavailableException if the database could not be reached, shed the work, or was lost while it
     *     committed; whether it did is then unknown
     */
    <T extends @Nullable Object> T run(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.in(connection);
                connection.commit();
                return result;
            } catch (Throwable e) {
                rollBack(connection, e);
                throw e;
            } finally {
                restoreAutoCommit(connection);
            }
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /** Runs queries through entities in one transaction, joining one that is open. Fails as {@link #run} does. */
    static <T> T read(Callable<T> queries) {
        try {
            return QuarkusTransaction.joiningExisting().call(queries);
        } catch (RuntimeException e) {
            throw sqlCauseOf(e).map(Transactions::translated).orElse(e);
        }
    }

    private static Optional<SQLException> sqlCauseOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException e) {
                return Optional.of(e);
            }
        }
        return Optional.empty();
    }

    private static RuntimeException translated(SQLException e) {
        String state = e.getSQLState();
        // The pool's own timeout has no state.
        boolean unavailable = state == null || UNAVAILABLE.contains(state.substring(0, 2));
        return unavailable
                ? new StoreUnavailableException(e)
                : new IllegalStateException("The database refused a statement of ours", e);
    }

    private static void rollBack(Connection connection, Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static void restoreAutoCommit(Connection connection) {
        try {
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            // The connection is broken, and the pool finds out when it gets it back. What was committed is committed.
            System.getLogger(Transactions.class.getName())
                    .log(System.Logger.Level.DEBUG, "A connection broke after its transaction", e);
        }
    }
}
