package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.testing.ImportJobsContract;
import io.deviceregistry.application.testing.Ports;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresImportJobsTest extends ImportJobsContract {
    @Inject
    Ports ports;

    @Inject
    ImportJobs jobs;

    @Override
    protected Ports ports() {
        return ports;
    }

    @Override
    protected ImportJobs jobs() {
        return jobs;
    }
}
