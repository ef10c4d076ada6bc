package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.testing.ChangeFeedContract;
import io.deviceregistry.application.testing.Ports;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresChangeFeedTest extends ChangeFeedContract {
    @Inject
    Ports ports;

    @Inject
    ChangeFeed feed;

    @Override
    protected Ports ports() {
        return ports;
    }

    @Override
    protected ChangeFeed feed() {
        return feed;
    }
}
