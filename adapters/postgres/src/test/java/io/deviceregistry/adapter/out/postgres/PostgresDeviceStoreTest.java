package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.testing.DeviceStoreContract;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresDeviceStoreTest extends DeviceStoreContract {
    @Inject
    DeviceStore store;

    @Override
    protected DeviceStore store() {
        return store;
    }
}
