package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.application.testing.SyncRacesContract;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class PostgresSyncRacesTest extends SyncRacesContract {
    @Inject
    Ports ports;

    @Inject
    TestDatabase database;

    @Override
    protected Ports ports() {
        return ports;
    }

    /** A claim leaves such a device alone, since it must have changed while the claim looked. */
    @AfterEach
    void no_sync_row_is_ahead_of_its_device() {
        assertThat(database.count(
                        "device_sync s join device d on d.id = s.device_id where s.desired_version > d.version"))
                .isZero();
    }
}
