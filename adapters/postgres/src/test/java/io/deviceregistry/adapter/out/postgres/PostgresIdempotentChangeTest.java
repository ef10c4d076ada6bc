package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.testing.IdempotentChangeContract;
import io.deviceregistry.application.testing.Ports;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresIdempotentChangeTest extends IdempotentChangeContract {
    @Inject
    Ports ports;

    @Override
    protected Ports ports() {
        return ports;
    }
}
