package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.domain.ProviderId;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/** The database of the tests, for those that want it for themselves or look behind the ports. */
@Singleton
class TestDatabase {
    private final DataSource dataSource;
    private final DeviceStore devices;
    private final CustomerStore customers;
    private final SyncLedger ledger;
    private final Upkeep upkeep;

    @Inject
    TestDatabase(
            DataSource dataSource, DeviceStore devices, CustomerStore customers, SyncLedger ledger, Upkeep upkeep) {
        this.dataSource = dataSource;
        this.devices = devices;
        this.customers = customers;
        this.ledger = ledger;
        this.upkeep = upkeep;
    }

    UseCases useCases(List<ProviderId> providers, int maxDevices) {
        return UseCases.over(devices, customers, ledger, upkeep, providers, maxDevices);
    }

    void empty() {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("truncate customer, erasure, walk cascade");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
