package io.deviceregistry.bootstrap.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceRecordsTest {

    @TempDir
    private Path directory;

    private Process service;

    @BeforeEach
    void startService() throws IOException {
        service = new ProcessBuilder("sleep", "600").start();
    }

    @AfterEach
    void endService() {
        service.destroyForcibly();
    }

    @Test
    void given_a_record_of_a_launcher_that_is_gone_when_orphans_are_stopped_then_its_service_ends() throws Exception {
        leaveRecord(service.info().startInstant().orElseThrow());

        assertThat(new ServiceRecords(directory).stopOrphans()).containsExactly(service.pid());

        assertThat(service.waitFor(1, TimeUnit.SECONDS)).isTrue();
        assertThat(records()).isZero();
    }

    @Test
    void given_a_record_whose_pid_another_process_has_by_now_when_orphans_are_stopped_then_that_process_goes_on()
            throws Exception {
        leaveRecord(service.info().startInstant().orElseThrow().minusSeconds(60));

        assertThat(new ServiceRecords(directory).stopOrphans()).isEmpty();

        assertThat(service.isAlive()).isTrue();
        assertThat(records()).isZero();
    }

    @Test
    void given_a_launcher_that_runs_when_orphans_are_stopped_then_its_service_goes_on() throws Exception {
        AutoCloseable record = new ServiceRecords(directory).add(service.toHandle());

        assertThat(new ServiceRecords(directory).stopOrphans()).isEmpty();

        assertThat(service.isAlive()).isTrue();
        assertThat(records()).isOne();
        record.close();
        assertThat(records()).isZero();
    }

    @Test
    void given_a_half_written_record_when_orphans_are_stopped_then_it_is_dropped() throws Exception {
        Files.createFile(directory.resolve(Long.toString(service.pid())));

        assertThat(new ServiceRecords(directory).stopOrphans()).isEmpty();

        assertThat(service.isAlive()).isTrue();
        assertThat(records()).isZero();
    }

    @Test
    void given_no_run_before_when_orphans_are_stopped_then_there_are_none() {
        assertThat(new ServiceRecords(directory.resolve("none")).stopOrphans()).isEmpty();
    }

    private void leaveRecord(Instant start) throws IOException {
        Files.writeString(directory.resolve(Long.toString(service.pid())), start.toString());
    }

    private long records() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }
}
