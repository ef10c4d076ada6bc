package io.deviceregistry.application.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.in.ImportDevices;
import io.deviceregistry.application.port.in.ImportDevices.Upload;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob.State;
import io.deviceregistry.domain.ImportRow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ImportWorkersTest {
    private final ServiceScene scene = new ServiceScene();
    private final AtomicInteger faults = new AtomicInteger();
    private final ImportWorkers workers =
            new ImportWorkers(2, Thread.ofVirtual().factory());
    private final ImportDevices imports = new ImportDevicesService(
            scene.imports,
            new RegistryWriter(scene.registry, List.of(), this::failAtTimes, Examples.UNTRACED),
            100,
            workers::wake,
            scene.clock);

    private void failAtTimes() {
        if (faults.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IllegalStateException("on purpose");
        }
    }

    private ImportId upload() {
        try (Upload upload = imports.begin(Caller.REGISTRY, false)) {
            upload.add(new ImportRow(1, scene.customer, Examples.android(Examples.aToken())));
            upload.complete();
            return upload.job();
        }
    }

    private void awaitFinished(ImportId id) {
        await().until(() -> imports.job(id).state() == State.FINISHED);
    }

    @Test
    void what_waits_is_stored_at_the_start_and_what_comes_is_stored_when_it_comes() {
        ImportId before = upload();
        try (workers) {
            workers.start(imports);
            awaitFinished(before);

            awaitFinished(upload());
        }
    }

    @Test
    void workers_outlive_faults() {
        faults.set(1);
        try (workers) {
            workers.start(imports);
            ImportId failing = upload();
            await().until(() -> faults.get() == 0);
            scene.clock.advance(Duration.ofMinutes(1));

            awaitFinished(failing);
        }
    }

    @Test
    void stopped_workers_begin_nothing() {
        workers.start(imports);
        workers.close();

        ImportId id = upload();

        assertThat(imports.job(id).done()).isZero();
    }

    @Test
    void a_number_that_makes_no_sense_is_refused_by_the_name_of_its_setting() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImportWorkers(-1, Thread.ofVirtual().factory()))
                .withMessageContaining("registry.import.workers");
    }
}
