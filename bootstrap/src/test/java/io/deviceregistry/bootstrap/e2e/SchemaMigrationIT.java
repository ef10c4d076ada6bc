package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A version with more migrations comes to a database with which others work. */
class SchemaMigrationIT {
    /** A later migration changes a table that each registration writes. */
    private static final String BEFORE = "8";

    /** As a {@code pg_dump} does. */
    private static Connection reading(Deployment deployment) throws SQLException {
        Connection connection = deployment.connect();
        connection.setAutoCommit(false);
        execute(connection, "select count(*) from device_sync");
        return connection;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static boolean isTrue(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            return answer.getBoolean(1);
        }
    }

    @Test
    void given_somebody_who_reads_for_long_when_a_version_migrates_then_it_waits_and_nobody_waits_behind_it()
            throws Exception {
        try (Deployment deployment = Deployment.migratedTo(BEFORE);
                Connection reading = reading(deployment);
                Connection other = deployment.connect();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            execute(other, "set statement_timeout = '2s'");
            ServiceProcess replica = deployment.launch();

            await().atMost(Duration.ofSeconds(60)).until(() -> {
                execute(other, "select count(*) from device_sync");
                return deployment
                                .log()
                                .lines()
                                .filter(line -> line.contains("A migration waits for others"))
                                .count()
                        > 2;
            });
            reading.rollback();

            RegistryClient registry = deployment.ready(replica);
            assertThat(registry.register("patient", "ios", "patient").status()).isEqualTo(201);
            execute(reading, "lock table device in access exclusive mode");
            Future<Answer> waiting = callers.submit(() -> registry.register("patient", "ios", "waiting"));
            await().until(() -> isTrue(other, """
                    select exists (select from pg_stat_activity
                                    where datname = current_database() and wait_event_type = 'Lock'
                                      and query_start < clock_timestamp() - interval '500 milliseconds')"""));
            reading.rollback();
            assertThat(waiting.get().status())
                    .as("of who waits longer than migrations do")
                    .isEqualTo(201);
        }
    }

    @Test
    void a_migration_may_take_longer_than_what_requests_wait_for() throws Exception {
        try (Deployment deployment = Deployment.migratedTo(BEFORE)
                        .with("QUARKUS_DATASOURCE_JDBC_NEW_CONNECTION_SQL", "set statement_timeout = '1s'")
                        .with("QUARKUS_DATASOURCE_JDBC_ADDITIONAL_JDBC_PROPERTIES_SOCKETTIMEOUT", "2");
                Connection connection = deployment.connect()) {
            // Each row takes long that the migration reads.
            execute(connection, """
                    create function linger() returns boolean language plpgsql as $$
                    begin
                      if current_query() like '%insert into token_lookup (key_id)%' then
                        perform pg_sleep(3);
                      end if;
                      return true;
                    end $$""");
            execute(connection, "create policy linger on token_key using (linger())");
            execute(connection, "alter table token_key enable row level security, force row level security");

            RegistryClient replica = deployment.start();

            assertThat(replica.register("slow", "ios", "slow").status()).isEqualTo(201);
        }
    }
}
