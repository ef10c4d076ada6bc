package io.deviceregistry.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.flywaydb.core.api.output.MigrateResult;
import org.junit.jupiter.api.Test;

class MigrationsTest {

    @Test
    void given_an_empty_database_when_its_ordinary_owner_migrates_twice_then_the_second_time_does_nothing()
            throws SQLException {
        try (LocalPostgres postgres = LocalPostgres.temporary()) {
            Migrations migrations = new Migrations(postgres, postgres.jdbcUrl());

            MigrateResult first = migrations.run();
            MigrateResult second = migrations.run();

            assertThat(first.migrationsExecuted).isPositive();
            assertThat(second.migrationsExecuted).isZero();
            migrations.validate();
            try (Session session = new Session(postgres)) {
                assertThat(session.ask("SELECT to_regclass('device')")).isEqualTo("device");
            }
        }
    }
}
