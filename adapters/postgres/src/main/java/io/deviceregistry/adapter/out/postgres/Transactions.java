package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Runs work in transactions, and tells failures of the database from faults of ours. */
@ApplicationScoped
class Transactions {
    /**
     * Classes of SQLSTATE that say something of the database's state, not of the statement: connection (08),
     * transaction state, such as a standby that takes no writes (25), transaction rolled back (40), insufficient
     * resources (53), lock not available (55), operator intervention (57, with the timeouts among it) and system error
     * (58). See PostgreSQL's appendix "Error Codes".
     */
    private static final Set<String> UNAVAILABLE = Set.of("08", "25", "40", "53", "55", "57", "58");

    /** Those of them that are about other transactions: this one gave way to one of them, and did nothing. */
    private static final Set<String> GAVE_WAY = Set.of("40", "55");

    private static final int ATTEMPTS = 20;

    /**
     * What the last statement of a transaction may end with, so that the commit travels with it and not after it; nothing is
     * left to commit then. Only for what is never in a transaction of {@link #runEnclosing}, which goes on.
     */
    static final String AND_COMMIT = ";\ncommit";

    /**
     * What the first statement of a round trip begins with that is a whole transaction. The driver would send a message of
     * its own, and the database an answer, before that.
     */
    static final String BEGIN_AND = "begin;\n";

    private final DataSource dataSource;

    /** The connection of the transaction that this thread is in. */
    private final ScopedValue<Connection> enclosing = ScopedValue.newInstance();

    Transactions(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    interface Work<T extends @Nullable Object> {
        T in(Connection connection) throws SQLException;
    }

    /**
     * What a transaction read before it took its locks was changed before it had them, or what it believed of the database
     * is not so. The whole transaction is run again, because more locks can only be taken in order by beginning anew.
     */
    static final class OvertakenException extends RuntimeException {}

    /**
     * Runs native statements in a transaction of their own, committed on return, or in the enclosing one.
     *
     * @throws StoreUnavailableException if the database could not be reached, shed the work, or was lost while it
     *     committed; whether it did is then unknown
     */
    <T extends @Nullable Object> T run(Work<T> work) {
        try {
            return enclosing.isBound() ? work.in(enclosing.get()) : repeatedly(() -> runOnce(work));
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /**
     * Runs what is one round trip to the database, and so a transaction by itself, or a part of the enclosing one. There is
     * nothing to begin and to commit, which would be a round trip more.
     *
     * @throws StoreUnavailableException as {@link #run} does
     */
    <T extends @Nullable Object> T runAtOnce(Work<T> work) {
        if (enclosing.isBound()) {
            return run(work);
        }
        try {
            return repeatedly(() -> {
                try (Connection connection = dataSource.getConnection()) {
                    return work.in(connection);
                }
            });
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /**
     * Runs what is one round trip to the database, from {@link #BEGIN_AND} to {@link #AND_COMMIT}. Never a part of the
     * enclosing transaction.
     *
     * @throws StoreUnavailableException as {@link #run} does
     */
    <T extends @Nullable Object> T runWhole(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            try {
                return work.in(connection);
            } catch (Throwable e) {
                rollBackWhole(connection, e);
                throw e;
            }
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /** @param question a query that has no arguments and one answer */
    static boolean isTrue(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            return answer.getBoolean(1);
        }
    }

    /** Whether this thread is in a transaction of {@link #runEnclosing}. */
    boolean isEnclosed() {
        return enclosing.isBound();
    }

    /** As {@link #run}; what this thread runs meanwhile is a part of the same transaction. */
    <T extends @Nullable Object> T runEnclosing(Work<T> work) {
        return run(connection -> ScopedValue.where(enclosing, connection).call(() -> work.in(connection)));
    }

    private interface Attempt<T extends @Nullable Object> {
        T make() throws SQLException;
    }

    private static <T extends @Nullable Object> T repeatedly(Attempt<T> attempt) throws SQLException {
        for (int number = 1; ; number++) {
            try {
                return attempt.make();
            } catch (OvertakenException e) {
                if (number == ATTEMPTS) {
                    throw new StoreUnavailableException(e);
                }
            }
        }
    }

    private <T extends @Nullable Object> T runOnce(Work<T> work) throws SQLException {
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

    /** What the database, or the driver, said; empty if neither was the cause. */
    static Optional<SQLException> sqlCauseOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException e) {
                return Optional.of(e);
            }
        }
        return Optional.empty();
    }

    /** Whether the transaction was rolled back because of what others did, and not because the database is gone. */
    static boolean gaveWay(StoreUnavailableException failure) {
        return failure.getCause() instanceof SQLException e && isOf(GAVE_WAY, e);
    }

    /** Whether a constraint, or an index of what there may be only once, was not met. */
    static boolean isViolation(SQLException e) {
        return isOf(Set.of("23"), e);
    }

    private static boolean isOf(Set<String> classes, SQLException e) {
        return e.getSQLState() != null && classes.contains(e.getSQLState().substring(0, 2));
    }

    private static RuntimeException translated(SQLException e) {
        // The pool's own timeout has no state.
        return e.getSQLState() == null || isOf(UNAVAILABLE, e)
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

    /** The driver did not begin the transaction, and so would not end it. */
    private static void rollBackWhole(Connection connection, Throwable cause) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("rollback");
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
