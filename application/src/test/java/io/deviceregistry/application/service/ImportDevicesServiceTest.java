package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deviceregistry.application.port.in.ImportDevices;
import io.deviceregistry.application.port.in.ImportDevices.Upload;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ImportEndedException;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import io.deviceregistry.domain.ImportJob.State;
import io.deviceregistry.domain.ImportRow;
import io.deviceregistry.domain.UnknownImportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImportDevicesServiceTest {
    private static final Caller BY = new Caller("importer");

    private final ServiceScene scene = new ServiceScene();
    private int alarms;
    private final ImportDevices imports = over(scene.writer);

    private ImportDevices over(RegistryWriter writer) {
        return new ImportDevicesService(scene.imports, writer, ServiceScene.MAX_DEVICES, () -> alarms++, scene.clock);
    }

    private ImportId imported(ImportRow... rows) {
        return imported(false, rows);
    }

    private ImportId imported(boolean dryRun, ImportRow... rows) {
        try (Upload upload = imports.begin(BY, dryRun)) {
            List.of(rows).forEach(upload::add);
            upload.complete();
            storeAll();
            return upload.job();
        }
    }

    private void storeAll() {
        while (imports.storeNext()) {
            assertThat(imports).isNotNull();
        }
    }

    private ImportRow row(long line, CustomerId customer, DeviceToken token) {
        return new ImportRow(line, customer, android(token));
    }

    private ImportRow row(long line) {
        return row(line, Examples.aCustomer(), aToken());
    }

    private List<Long> counts(ImportId id) {
        ImportJob job = imports.job(id);
        return List.of(job.read(), job.stored(), job.unchanged(), job.failed());
    }

    @Test
    void rows_become_devices_of_which_providers_are_told() {
        DeviceToken token = aToken();
        ImportRow row = new ImportRow(1, scene.customer, android(token, Examples.longAgo()));

        ImportId id = imported(row);

        assertThat(imports.job(id).state()).isEqualTo(State.FINISHED);
        assertThat(counts(id)).containsExactly(1L, 1L, 0L, 0L);
        Device device = scene.devicesOf(scene.customer).getFirst();
        assertThat(device.token()).isEqualTo(token);
        assertThat(device.lastSeenAt()).isEqualTo(Examples.LONG_AGO);
        assertThat(scene.wakeUps).isPositive();
        assertThat(scene.registry.lease(scene.provider.id(), SyncLane.FRESH, Duration.ofMinutes(1), 1).stream()
                        .findFirst())
                .isEmpty();
        assertThat(scene.registry.lease(scene.provider.id(), SyncLane.BACKLOG, Duration.ofMinutes(1), 1).stream()
                        .findFirst())
                .isPresent();
    }

    @Test
    void the_same_file_again_changes_nothing() {
        ImportRow[] rows = {
            row(1, scene.customer, aToken()), new ImportRow(2, scene.customer, android(aToken(), Examples.longAgo()))
        };
        imported(rows);
        List<Device> before = scene.devicesOf(scene.customer);
        int wakeUps = scene.wakeUps;
        scene.clock.advance(Duration.ofDays(1));

        ImportId again = imported(rows);

        assertThat(counts(again)).containsExactly(2L, 0L, 2L, 0L);
        assertThat(scene.devicesOf(scene.customer)).isEqualTo(before);
        assertThat(scene.wakeUps).isEqualTo(wakeUps);
    }

    @Test
    void rows_that_cannot_be_stored_are_told_and_hinder_no_others() {
        List<ImportRow> rows = new ArrayList<>();
        for (int line = 1; line <= ServiceScene.MAX_DEVICES + 1; line++) {
            rows.add(row(line, scene.customer, aToken()));
        }
        rows.add(row(10));
        ImportId id;
        try (Upload upload = imports.begin(BY, false)) {
            upload.fail(new ImportFailure(0, "is no row"));
            rows.forEach(upload::add);
            upload.complete();
            id = upload.job();
        }
        storeAll();

        assertThat(counts(id)).containsExactly(6L, 4L, 0L, 2L);
        assertThat(imports.failures(id, null, 10).items())
                .extracting(ImportFailure::line)
                .containsExactly(0L, 4L);
        assertThat(imports.failures(id, 0L, 10).items())
                .extracting(ImportFailure::reason)
                .containsExactly("A customer may have at most 3 active devices.");
    }

    @Test
    void of_two_rows_with_one_token_the_later_one_wins() {
        DeviceToken token = aToken();
        CustomerId other = Examples.aCustomer();

        imported(
                row(1, scene.customer, token),
                row(2, other, token),
                new ImportRow(3, other, new DeviceRegistration(Examples.IOS, token, null)));

        assertThat(scene.devicesOf(scene.customer, DeviceStatus.ACTIVE)).isEmpty();
        assertThat(scene.devicesOf(other, DeviceStatus.ACTIVE))
                .extracting(Device::type)
                .containsExactly(Examples.IOS);
    }

    @Test
    void a_dry_run_stores_nothing_and_tells_what_is_wrong() {
        ImportId id;
        try (Upload upload = imports.begin(BY, true)) {
            upload.add(row(1, scene.customer, aToken()));
            upload.fail(new ImportFailure(2, "is no row"));
            upload.complete();
            id = upload.job();
        }
        storeAll();

        assertThat(imports.job(id).state()).isEqualTo(State.FINISHED);
        assertThat(counts(id)).containsExactly(2L, 0L, 0L, 1L);
        assertThat(imports.failures(id, null, 10).items()).containsExactly(new ImportFailure(2, "is no row"));
        assertThat(scene.devicesOf(scene.customer)).isEmpty();
    }

    @Test
    void what_arrives_is_parted_and_worked_on_at_once() {
        try (Upload upload = imports.begin(BY, false)) {
            IntStream.rangeClosed(1, ImportDevicesService.CHUNK_ROWS).forEach(line -> upload.add(row(line)));

            assertThat(alarms).isOne();
            storeAll();
            assertThat(imports.job(upload.job()).stored()).isEqualTo(ImportDevicesService.CHUNK_ROWS);
            assertThat(imports.job(upload.job()).state()).isEqualTo(State.RECEIVING);

            upload.add(row(1_000));
            assertThat(alarms).isOne();
            scene.clock.advance(ImportDevicesService.CHUNK_TIME.plusMillis(1));
            upload.add(row(1_001));
            assertThat(alarms).isEqualTo(2);
        }
    }

    @Test
    void a_file_that_breaks_off_leaves_an_import_that_says_so() {
        ImportId id;
        try (Upload upload = imports.begin(BY, false)) {
            id = upload.job();
            IntStream.rangeClosed(1, ImportDevicesService.CHUNK_ROWS + 1).forEach(line -> upload.add(row(line)));
        }
        storeAll();

        assertThat(imports.job(id).state()).isEqualTo(State.INCOMPLETE);
        assertThat(imports.job(id).finishedAt()).isNotNull();
        assertThat(imports.job(id).stored()).isEqualTo(ImportDevicesService.CHUNK_ROWS + 1);
    }

    @Test
    void rows_that_could_not_be_kept_are_not_tried_again_when_their_file_is_closed() {
        assertThatExceptionOfType(ImportEndedException.class)
                .isThrownBy(() -> {
                    try (Upload upload = imports.begin(BY, false)) {
                        upload.add(row(1));
                        scene.imports.end(upload.job(), false);
                        upload.complete();
                    }
                })
                .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
    }

    @Test
    void rows_for_an_import_that_was_given_up_are_refused() {
        try (Upload upload = imports.begin(BY, false)) {
            scene.imports.end(upload.job(), false);
            upload.add(row(1));

            assertThatExceptionOfType(ImportEndedException.class).isThrownBy(upload::complete);
        }
    }

    @Test
    void an_import_that_was_given_up_behind_its_last_rows_is_not_taken_for_the_whole() {
        try (Upload upload = imports.begin(BY, false)) {
            IntStream.rangeClosed(1, ImportDevicesService.CHUNK_ROWS).forEach(line -> upload.add(row(line)));
            scene.imports.end(upload.job(), false);

            assertThatExceptionOfType(ImportEndedException.class).isThrownBy(upload::complete);
            assertThat(imports.job(upload.job()).state()).isEqualTo(State.INCOMPLETE);
        }
    }

    @Test
    void an_empty_file_is_an_import_of_nothing() {
        ImportId id = imported();

        assertThat(imports.job(id).state()).isEqualTo(State.FINISHED);
        assertThat(counts(id)).containsOnly(0L);
    }

    @Test
    void rows_that_the_registry_fails_to_store_again_and_again_are_given_up_and_told() {
        RegistryWriter broken = new RegistryWriter(
                scene.registry,
                List.of(),
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                Examples.UNTRACED);
        ImportDevices failing = over(broken);
        ImportId id;
        try (Upload upload = failing.begin(BY, false)) {
            upload.fail(new ImportFailure(1, "is no row"));
            upload.add(row(2, scene.customer, aToken()));
            upload.complete();
            id = upload.job();
        }

        for (int tries = 0; tries < 5; tries++) {
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(failing::storeNext);
            assertThat(failing.storeNext()).as("it waits").isFalse();
            scene.clock.advance(Duration.ofMinutes(1));
        }
        assertThat(failing.storeNext()).isTrue();

        assertThat(counts(id)).containsExactly(2L, 0L, 0L, 2L);
        assertThat(failing.job(id).state()).isEqualTo(State.FINISHED);
        assertThat(scene.devicesOf(scene.customer)).isEmpty();
    }

    @Test
    void a_row_that_the_registry_fails_to_store_costs_no_other_row_of_its_part() {
        CustomerId bad = Examples.aCustomer();
        ImportDevices failing = over(new RegistryWriter(
                scene.registry,
                List.of(scene.provider),
                () -> {
                    if (!scene.devicesOf(bad).isEmpty()) {
                        throw new IllegalStateException("on purpose");
                    }
                },
                Examples.UNTRACED));
        ImportId id;
        try (Upload upload = failing.begin(BY, false)) {
            upload.add(row(1, scene.customer, aToken()));
            upload.fail(new ImportFailure(2, "is no row"));
            upload.add(row(3, bad, aToken()));
            upload.add(row(4, scene.customer, aToken()));
            upload.complete();
            id = upload.job();
        }

        for (int turn = 0; turn < 20; turn++) {
            try {
                if (!failing.storeNext()) {
                    scene.clock.advance(Duration.ofMinutes(1));
                }
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("on purpose");
            }
        }

        assertThat(failing.job(id).state()).isEqualTo(State.FINISHED);
        assertThat(counts(id)).containsExactly(4L, 2L, 0L, 2L);
        assertThat(failing.failures(id, null, 10).items())
                .extracting(ImportFailure::line)
                .containsExactly(2L, 3L);
        assertThat(scene.devicesOf(scene.customer)).hasSize(2);
        assertThat(scene.devicesOf(bad)).isEmpty();
    }

    @Test
    void an_import_that_is_not_there_is_not_found() {
        ImportId unknown = new ImportId(UUID.randomUUID());

        assertThatExceptionOfType(UnknownImportException.class).isThrownBy(() -> imports.job(unknown));
        assertThatExceptionOfType(UnknownImportException.class).isThrownBy(() -> imports.failures(unknown, null, 10));
    }
}
