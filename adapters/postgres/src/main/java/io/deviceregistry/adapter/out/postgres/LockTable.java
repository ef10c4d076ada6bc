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
    /**
     * A customer, a hundred devices and an idempotency key by each of two lookup keys: the most that a request needs which
     * many send at once.
     */
    static final int LOCKS_OF_A_REQUEST = 103;

    /** Customers and devices of the largest bulk request. */
    private static final int LOCKS_OF_THE_LARGEST = 1_000;

    /** Customers and devices of the largest part of an import: ninety of each. */
    private static final int LOCKS_OF_AN_IMPORT = 180;

    /** Connections that are left at least for requests, and for what the registry does by itself. */
    private static final int OTHERS = 2;

    private static final String SIZE = """
            select current_setting('max_locks_per_transaction')::bigint
                   * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint)""";

    private final Transactions transactions;
    private final int connections;
    private final int importWorkers;

    LockTable(
            Transactions transactions,
            @ConfigProperty(name = "quarkus.datasource.jdbc.max-size") int connections,
            @ConfigProperty(name = "registry.import.workers") int importWorkers) {
        this.transactions = transactions;
        this.connections = connections;
        this.importWorkers = importWorkers;
    }

    void check(@Observes @Priority(1) StartupEvent event) {
        require(connections, importWorkers, transactions.run(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet size = statement.executeQuery(SIZE)) {
                size.next();
                return size.getLong(1);
            }
        }));
    }

    /** Half of it is left for other replicas and for what else locks; they find out by errors that can be repeated. */
    static void require(int connections, int importWorkers, long size) {
        int besides = GroupCommit.WRITERS + OTHERS;
        if (importWorkers + besides > connections) {
            throw new IllegalStateException("registry.import.workers is " + importWorkers
                    + " and quarkus.datasource.jdbc.max-size is " + connections
                    + ", but each worker has a connection, and " + besides + " are needed besides");
        }
        // The largest request has one of the connections, and so has each writer and each worker.
        long needed = (connections - 1L - GroupCommit.WRITERS - importWorkers) * LOCKS_OF_A_REQUEST
                + (long) GroupCommit.WRITERS * GroupCommit.MOST_LOCKS
                + (long) importWorkers * LOCKS_OF_AN_IMPORT
                + LOCKS_OF_THE_LARGEST;
        if (needed * 2 > size) {
            throw new IllegalStateException("quarkus.datasource.jdbc.max-size is " + connections
                    + " and registry.import.workers is " + importWorkers + ", with which this replica may need "
                    + needed
                    + " locks, more than half of the database's " + size
                    + ": make them less, or the server's max_locks_per_transaction more");
        }
    }
}
