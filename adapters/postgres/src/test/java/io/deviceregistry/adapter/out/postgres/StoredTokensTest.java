package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderId;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** No column of the database holds a token that can be read. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class StoredTokensTest {
    @Inject
    DeviceStore store;

    @Inject
    SyncLedger ledger;

    @Inject
    DataSource dataSource;

    @Test
    void neither_the_devices_token_nor_the_one_a_provider_holds_can_be_read_in_the_database() throws SQLException {
        ProviderId provider = Examples.aProvider();
        DeviceToken token = new DeviceToken("canary-" + Examples.aToken().value());
        store.register(Examples.aCustomer(), List.of(Examples.android(token)), Set.of(provider));
        SyncLease lease = ledger.lease(provider, Duration.ofMinutes(1)).orElseThrow();
        ledger.settle(
                lease,
                List.of(new Settlement(
                        lease.tasks().getFirst().device().id(),
                        1,
                        new Settlement.Synced(new Holding("remote", Examples.ANDROID, token)))));

        assertThat(rowsThatShow("device", token)).isZero();
        assertThat(rowsThatShow("device_sync", token)).isZero();
        assertThat(rowsThatShow("device_sync", new DeviceToken("remote"))).isPositive();
    }

    /** Byte columns are looked at both as they are and as the hexadecimal text that a dump shows. */
    private long rowsThatShow(String table, DeviceToken token) throws SQLException {
        String hex = HexFormat.of().formatHex(token.value().getBytes(StandardCharsets.UTF_8));
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery(
                        "select count(*) from %s t where t::text like '%%%s%%' or t::text like '%%%s%%'"
                                .formatted(table, token.value(), hex))) {
            count.next();
            return count.getLong(1);
        }
    }
}
