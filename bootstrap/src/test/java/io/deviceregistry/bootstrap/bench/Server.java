package io.deviceregistry.bootstrap.bench;

import com.sun.management.OperatingSystemMXBean;
import io.deviceregistry.db.LocalPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/** The PostgreSQL of the benchmark: durable, and with room enough that neither side waits for checkpoints. */
final class Server implements AutoCloseable {
    static final Map<String, String> SETTINGS =
            new TreeMap<>(Map.of("shared_buffers", quarterOfMemory(), "max_wal_size", "8GB"));

    private static final long MEBIBYTE = 1L << 20;
    private static final int ATTEMPTS = 5;

    /** PostgreSQL's appendix "Error Codes". */
    private static final String DEADLOCK = "40P01";

    private final LocalPostgres postgres;
    private final Path data;

    Server(Path directory) {
        data = directory.resolve("postgresql");
        postgres = LocalPostgres.persistent(data, SETTINGS);
    }

    /** As PostgreSQL's documentation advises ("Resource Consumption"); it is taken only as far as it is needed. */
    private static String quarterOfMemory() {
        long memory =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        return memory / 4 / MEBIBYTE + "MB";
    }

    int port() {
        return postgres.port();
    }

    String username() {
        return postgres.username();
    }

    String password() {
        return postgres.password();
    }

    void createDatabase(String name) {
        postgres.createDatabase(name);
    }

    void dropDatabase(String name) {
        execute("postgres", "drop database %s with (force)".formatted(name));
    }

    String version() {
        try (Connection connection = connect("postgres")) {
            return connection.getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            throw new BenchException("The database did not tell its version", e);
        }
    }

    long pid() {
        try {
            return Long.parseLong(
                    Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes out what is only in memory, so that no run pays for what was before it. */
    void checkpoint() {
        execute("postgres", "checkpoint");
    }

    void execute(String database, String sql) {
        for (int attempt = 1; ; attempt++) {
            try (Connection connection = connect(database);
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
                return;
            } catch (SQLException e) {
                // The service works meanwhile, and locks in an order of its own.
                if (attempt == ATTEMPTS || !DEADLOCK.equals(e.getSQLState())) {
                    throw refused(sql, e);
                }
            }
        }
    }

    private static BenchException refused(String sql, SQLException e) {
        return new BenchException("The database refused \"%s\": %s".formatted(sql, e.getMessage()), e);
    }

    /** @param sql that asks for a number */
    long count(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw refused(sql, e);
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:%d/%s".formatted(port(), database), postgres.superuser(), "");
    }

    @Override
    public void close() {
        postgres.close();
    }
}
