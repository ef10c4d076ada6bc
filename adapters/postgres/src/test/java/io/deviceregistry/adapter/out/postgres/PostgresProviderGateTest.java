package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.testing.ProviderGateContract;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresProviderGateTest extends ProviderGateContract {
    @Inject
    ProviderGate gate;

    @Override
    protected ProviderGate gate() {
        return gate;
    }
}
