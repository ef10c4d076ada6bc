package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.ApiKeyStore;
import io.deviceregistry.application.testing.ApiKeyStoreContract;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresApiKeyStoreTest extends ApiKeyStoreContract {
    @Inject
    ApiKeyStore store;

    @Override
    protected ApiKeyStore store() {
        return store;
    }
}
