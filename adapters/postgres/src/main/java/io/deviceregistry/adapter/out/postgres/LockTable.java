package io.deviceregistry.adapter.out.postgres;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.ResultSet;
import java.sql.Statement;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The database's table of locks, which all its clients share: a transaction that finds it full fails. Its size is fixed
 * when the server starts (PostgreSQL's documentation, {@code max_locks_per_transaction}).
 */
@ApplicationScoped
class LockTable {
    /** A customer and a hundred devices: the most that a request needs which many send at once. */
    private static final int LOCKS_OF_A_REQUEST = 101;

    /** Customers and devices of the largest bulk request. */
    private static final int LOCKS_OF_THE_LARGEST = 1_000;

    private static final String SIZE = """
            select current_setting('max_locks_per_transaction')::bigint
                   * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint)""";

    private final Transactions transactions;
    private final int connections;

    LockTable(Transactions transactions, @ConfigProperty(name = "quarkus.datasource.jdbc.max-size") int connections) {
        this.transactions = transactions;
        this.connections = connections;
    }

    void check(@Observes @Priority(1) StartupEvent event) {
        require(connections, transactions.run(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet size = statement.executeQuery(SIZE)) {
                size.next();
                return size.getLong(1);
            }
        }));
    }

    /** Half of it is left for other replicas and for what else locks; they find out by errors that can be repeated. */
    static void require(int connections, long size) {
        long needed = (long) (connections - GroupCommit.WRITERS) * LOCKS_OF_A_REQUEST
                + (long) GroupCommit.WRITERS * GroupCommit.MOST_LOCKS
                + LOCKS_OF_THE_LARGEST;
        if (needed * 2 > size) {
            throw new IllegalStateException("quarkus.datasource.jdbc.max-size is " + connections
                    + ", with which this replica may need " + needed
                    + " locks, more than half of the database's " + size
                    + ": make it less, or the server's max_locks_per_transaction more");
        }
    }
}
