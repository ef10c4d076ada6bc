package io.deviceregistry.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
import org.junit.jupiter.api.Test;

class MigrationsTest {

    @Test
    void given_an_empty_database_when_its_ordinary_owner_migrates_twice_then_the_second_time_does_nothing()
            throws SQLException {
        try (LocalPostgres postgres = LocalPostgres.temporary()) {
            Flyway flyway = Flyway.configure()
                    .dataSource(postgres.jdbcUrl(), postgres.username(), postgres.password())
                    .locations("classpath:db/migration")
                    .failOnMissingLocations(true)
                    .load();

            MigrateResult first = flyway.migrate();
            MigrateResult second = flyway.migrate();

            assertThat(first.migrationsExecuted).isPositive();
            assertThat(second.migrationsExecuted).isZero();
            flyway.validate();
            try (Session session = new Session(postgres)) {
                assertThat(session.ask("SELECT to_regclass('device')")).isEqualTo("device");
            }
        }
    }
}
