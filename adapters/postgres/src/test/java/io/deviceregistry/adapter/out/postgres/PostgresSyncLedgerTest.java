package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.testing.SyncLedgerContract;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresSyncLedgerTest extends SyncLedgerContract {
    @Inject
    SyncLedger ledger;

    @Inject
    DeviceStore store;

    @Override
    protected DeviceStore store() {
        return store;
    }

    @Override
    protected SyncLedger ledger() {
        return ledger;
    }
}
