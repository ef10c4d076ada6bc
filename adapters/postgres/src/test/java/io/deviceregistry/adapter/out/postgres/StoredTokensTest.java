package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Tokens at rest: no column can be read without the key, and what the key does not open is in nobody's way. */
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
        Examples.register(store, Examples.aCustomer(), List.of(Examples.android(token)), Set.of(provider));
        SyncLease lease = ledger.lease(provider, SyncLane.FRESH, Duration.ofMinutes(1), 1).stream()
                .findFirst()
                .orElseThrow();
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

    @Test
    void a_token_that_cannot_be_opened_parks_its_device_and_holds_up_nobody() throws SQLException {
        ProviderId provider = Examples.aProvider();
        Device damaged = registered(Examples.aCustomer(), provider);
        Device sound = registered(damaged.customer(), provider);
        try (Connection connection = dataSource.getConnection();
                PreparedStatement damage =
                        connection.prepareStatement("update device set token_cipher = '\\x00' where id = ?")) {
            damage.setObject(1, damaged.id().value());
            damage.executeUpdate();
        }

        SyncLease lease = ledger.lease(provider, SyncLane.FRESH, Duration.ofMinutes(1), 1).stream()
                .findFirst()
                .orElseThrow();

        assertThat(lease.tasks()).extracting(SyncTask::device).containsExactly(sound);
        assertThat(ledger.standing(damaged.customer(), damaged.id()).orElseThrow())
                .singleElement()
                .satisfies(sync -> assertThat(sync.state()).isEqualTo(SyncState.PARKED))
                .satisfies(sync -> assertThat(sync.reason()).isEqualTo(SyncReason.UNREADABLE))
                .satisfies(sync -> assertThat(sync.lastError()).contains("registry.token.encryption-key"));
    }

    private Device registered(CustomerId customer, ProviderId provider) {
        return Examples.register(store, customer, List.of(Examples.android(Examples.aToken())), Set.of(provider))
                .getFirst()
                .device();
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
