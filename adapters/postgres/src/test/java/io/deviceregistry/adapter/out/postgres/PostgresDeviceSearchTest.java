package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.testing.DeviceSearchContract;
import io.deviceregistry.application.testing.Ports;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresDeviceSearchTest extends DeviceSearchContract {
    @Inject
    Ports ports;

    @Inject
    DataSource dataSource;

    /** A store that is full of what other tests deleted is not small, and then how much there is in it is an estimate. */
    @BeforeEach
    void makeRoom() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("vacuum full device");
        }
    }

    @Override
    protected Ports ports() {
        return ports;
    }
}
