package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.testing.Ports;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The database of the tests, for those that want it for themselves or look behind the ports. */
@Singleton
class TestDatabase {
    private final DataSource dataSource;
    private final Ports ports;
    private final int poolSize;

    @Inject
    TestDatabase(
            DataSource dataSource,
            Ports ports,
            @ConfigProperty(name = "quarkus.datasource.jdbc.max-size") int poolSize) {
        this.dataSource = dataSource;
        this.ports = ports;
        this.poolSize = poolSize;
    }

    Ports ports() {
        return ports;
    }

    /** Without customers, devices and what there is besides; nobody else may be using it. */
    void empty() {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("truncate customer, erasure, walk, idempotency_record cascade");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    long count(String tableAndCondition) {
        return number("select count(*) from " + tableAndCondition);
    }

    /** How many deadlocks the server had to break. */
    long deadlocks() {
        List<Connection> pool = new ArrayList<>();
        try {
            // Each session counts by itself, and would tell the server some time later.
            for (int i = 0; i < poolSize; i++) {
                Connection connection = dataSource.getConnection();
                pool.add(connection);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("select pg_stat_force_next_flush()");
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            pool.forEach(TestDatabase::close);
        }
        return number("select deadlocks from pg_stat_database where datname = current_database()");
    }

    private long number(String query) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet number = statement.executeQuery(query)) {
            number.next();
            return number.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
