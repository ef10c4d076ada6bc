package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.ImportChunk;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.testing.ImportJobsContract;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import io.deviceregistry.domain.ImportJob.State;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.DeflaterOutputStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresImportJobsTest extends ImportJobsContract {
    @Inject
    Ports ports;

    @Inject
    ImportJobs jobs;

    @Inject
    DataSource database;

    @Override
    protected Ports ports() {
        return ports;
    }

    @Override
    protected ImportJobs jobs() {
        return jobs;
    }

    @Test
    void a_chunk_that_cannot_be_opened_is_given_up_after_some_tries_and_its_rows_have_failed() throws SQLException {
        ImportId id = jobs.begin(Caller.REGISTRY, false);
        jobs.append(id, 0, new ImportChunk(7, List.of(), List.of(new ImportFailure(1, "is no good"))));
        jobs.end(id, true);
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("update import_chunk set cipher = '\\x00' where job_id = '" + id + "'");
        }
        AtomicInteger faults = new AtomicInteger();

        await().until(() -> {
            try {
                return jobs.workOnNext(
                        _ -> {
                            throw new AssertionError("nobody knows what is in it");
                        },
                        Duration.ZERO);
            } catch (IllegalStateException e) {
                faults.incrementAndGet();
                return false;
            }
        });

        assertThat(faults).hasPositiveValue();
        assertThat(jobs.job(id).orElseThrow())
                .extracting(ImportJob::state, ImportJob::read, ImportJob::done, ImportJob::failed)
                .containsExactly(State.FINISHED, 7L, 7L, 7L);
    }

    @Test
    void what_a_later_version_has_in_a_chunk_besides_is_ignored() throws IOException {
        byte[] later = """
                {"read":1,"rows":[{"line":1,"customer":"0000","type":"ios","token":"t","colour":"red"}],"failures":[],\
                "since":1}""".getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(deflated)) {
            out.write(later);
        }

        assertThat(ImportChunkJson.read(deflated.toByteArray()).rows()).hasSize(1);
    }
}
