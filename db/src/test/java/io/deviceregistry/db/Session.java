package io.deviceregistry.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A connection as the role of the service. */
final class Session implements AutoCloseable {

    private final Connection connection;

    Session(LocalPostgres postgres) throws SQLException {
        this(postgres, postgres.jdbcUrl());
    }

    Session(LocalPostgres postgres, String jdbcUrl) throws SQLException {
        this.connection = DriverManager.getConnection(jdbcUrl, postgres.username(), postgres.password());
    }

    void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of the first row. */
    @Nullable String ask(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** The server's main process, which is the parent of the one that serves this connection. */
    ProcessHandle postmaster() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT pg_backend_pid()")) {
            rows.next();
            return ProcessHandle.of(rows.getLong(1))
                    .flatMap(ProcessHandle::parent)
                    .orElseThrow();
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
