package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.aProvider;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.ProviderId;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** A large table is not read to the end to tell how many devices there are, and how many of them are synced, or wait. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class EstimatesTest {
    private static final int MANY = 100_000;

    @Inject
    DataSource dataSource;

    @Test
    void more_devices_than_may_be_read_are_estimated_and_others_are_counted() throws SQLException {
        ProviderId provider = aProvider();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            // A slow machine takes longer for so many devices than the application waits.
            statement.execute("set local statement_timeout = '5min'");
            statement.execute("""
                    insert into customer (id) values ('%1$s');
                    insert into device (id, customer_id, token_hash, token_cipher, device_type)
                    select md5('%1$s' || n)::uuid, '%1$s', sha256(convert_to('%1$s' || n, 'UTF8')), '', 'ios'
                      from generate_series(1, %2$d) n;
                    insert into device_sync (device_id, provider, customer_id, desired_version, state, due_at)
                    select id, '%1$s', customer_id, 1, 'SYNCED', null from device where customer_id = '%1$s'""".formatted(provider, MANY));

            long devices = DeviceEstimate.of(connection, EnumSet.allOf(DeviceStatus.class), MANY);
            assertThat(devices).isGreaterThanOrEqualTo(MANY);
            assertThat(DeviceEstimate.of(connection, EnumSet.of(DeviceStatus.ACTIVE), 200))
                    .isNotEqualTo(devices)
                    .isCloseTo(devices, withinPercentage(25));
            assertThat(SyncInspection.countSynced(connection, provider, MANY)).isEqualTo(MANY);
            assertThat(SyncInspection.countSynced(connection, provider, 1_000))
                    .isNotEqualTo(MANY)
                    .isCloseTo(MANY, withinPercentage(25));

            statement.execute("update device_sync set state = 'PENDING', due_at = now() - interval '1 hour', "
                    + "pending_since = now() - interval '2 hours', backlog = true where provider = '" + provider + "'");
            assertThat(SyncInspection.totals(connection, provider, 2 * MANY, 1_000)
                            .pending())
                    .containsExactly(entry(SyncLane.BACKLOG, (long) MANY));
            SyncTotals estimated = SyncInspection.totals(connection, provider, MANY / 5, 1_000);
            assertThat(estimated.pending()).containsOnlyKeys(SyncLane.BACKLOG);
            assertThat(estimated.pending().get(SyncLane.BACKLOG))
                    .isNotEqualTo(MANY)
                    .isCloseTo(MANY, withinPercentage(25));
            assertThat(estimated.oldestPending()).isBetween(Duration.ofHours(2), Duration.ofHours(3));

            connection.rollback();
            connection.setAutoCommit(true);
            // Of which the next test would be the first to step over each.
            statement.execute("vacuum analyze customer, device, device_sync");
        }
    }
}
