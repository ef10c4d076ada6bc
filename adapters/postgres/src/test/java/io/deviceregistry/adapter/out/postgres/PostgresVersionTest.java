package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Without it, a run that is meant for another version could pass on the default one. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresVersionTest {
    @Inject
    DataSource dataSource;

    @Test
    void the_server_under_test_has_the_version_that_the_build_asked_for() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            String version = connection.getMetaData().getDatabaseProductVersion();

            assertThat(System.getProperty("postgres.version")).startsWith(version + ".");
        }
    }
}
