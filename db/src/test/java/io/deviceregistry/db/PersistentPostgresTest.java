package io.deviceregistry.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PersistentPostgresTest {

    @TempDir
    private Path temp;

    private Path dataDirectory() {
        return temp.resolve("postgresql");
    }

    @Test
    void given_a_stored_row_when_the_server_is_started_again_then_the_row_is_there() throws SQLException {
        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            store(postgres, "kept");
        }

        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            assertThat(stored(postgres)).isEqualTo("kept");
        }
    }

    @Test
    void given_a_server_that_crashes_under_a_session_when_it_is_started_again_then_what_was_committed_is_there()
            throws SQLException {
        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            store(postgres, "kept");
            String url = postgres.jdbcUrl();
            ProcessHandle crashed;
            try (Session session = new Session(postgres)) {
                crashed = session.postmaster();
                session.run("BEGIN");
                session.run("DELETE FROM note");

                postgres.crash();

                assertThat(Postmaster.isRunning(crashed)).isFalse();
                assertThatThrownBy(() -> session.run("COMMIT")).isInstanceOf(SQLException.class);
                assertThatThrownBy(() -> new Session(postgres)).isInstanceOf(SQLException.class);
            }
            postgres.restart();

            assertThat(postgres.jdbcUrl()).isEqualTo(url);
            assertThat(stored(postgres)).isEqualTo("kept");
        }
        assertThat(pidFile()).doesNotExist();
    }

    @Test
    void given_a_server_that_runs_when_it_is_started_again_then_that_is_refused() {
        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            assertThatIllegalStateException().isThrownBy(postgres::restart);
        }
    }

    @Test
    void given_a_persistent_server_when_its_settings_are_asked_then_a_commit_is_on_disk_before_it_is_answered()
            throws SQLException {
        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory());
                Session session = new Session(postgres)) {
            assertThat(session.ask("SHOW fsync")).isEqualTo("on");
            assertThat(session.ask("SHOW synchronous_commit")).isEqualTo("on");
            assertThat(session.ask("SHOW full_page_writes")).isEqualTo("on");
        }
    }

    @Test
    void given_a_running_owner_when_a_second_one_starts_then_it_is_refused_and_the_first_goes_on() throws SQLException {
        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            store(postgres, "kept");

            assertThatIllegalStateException()
                    .isThrownBy(() -> LocalPostgres.persistent(dataDirectory()))
                    .withMessageContaining(dataDirectory().toString());

            assertThat(stored(postgres)).isEqualTo("kept");
        }
    }

    @Test
    void given_an_owner_that_was_killed_when_the_next_one_starts_then_it_replaces_the_orphaned_server()
            throws IOException, InterruptedException, SQLException {
        ProcessHandle orphan = killedOwner();
        assertThat(Postmaster.isRunning(orphan)).isTrue();

        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            assertThat(Postmaster.isRunning(orphan)).isFalse();
            assertThat(stored(postgres)).isEqualTo("of the killed owner");
        }
    }

    @Test
    void given_an_owner_and_a_server_that_were_killed_when_the_next_one_starts_then_the_committed_row_is_there()
            throws IOException, InterruptedException, SQLException {
        ProcessHandle orphan = killedOwner();
        orphan.destroyForcibly();
        orphan.onExit().join();
        assertThat(pidFile()).exists();

        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            assertThat(stored(postgres)).isEqualTo("of the killed owner");
        }
    }

    @Test
    void given_a_pid_file_whose_pid_another_program_has_by_now_when_started_then_that_program_is_left_alone()
            throws IOException, SQLException {
        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            store(postgres, "kept");
            Files.copy(pidFile(), temp.resolve("pid"));
        }
        Process unrelated = new ProcessBuilder("sleep", "600").start();
        try {
            List<String> lines = Files.readAllLines(temp.resolve("pid"));
            lines.set(0, Long.toString(unrelated.pid()));
            Files.write(pidFile(), lines);

            try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
                assertThat(stored(postgres)).isEqualTo("kept");
                assertThat(unrelated.isAlive()).isTrue();
            }
        } finally {
            unrelated.destroyForcibly();
        }
    }

    @Test
    void given_an_empty_pid_file_when_started_then_it_is_replaced() throws IOException, SQLException {
        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            store(postgres, "kept");
        }
        Files.createFile(pidFile());

        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            assertThat(stored(postgres)).isEqualTo("kept");
        }
    }

    @Test
    void given_a_server_of_another_directory_when_its_pid_is_recorded_here_then_it_is_left_alone()
            throws IOException, SQLException {
        try (LocalPostgres neighbour = LocalPostgres.temporary()) {
            LocalPostgres.persistent(dataDirectory()).close();
            Files.copy(
                    neighbour.dataDirectory().resolve("postmaster.pid"),
                    pidFile(),
                    StandardCopyOption.REPLACE_EXISTING);

            LocalPostgres.persistent(dataDirectory()).close();

            try (Session session = new Session(neighbour)) {
                assertThat(session.ask("SELECT 1")).isEqualTo("1");
            }
        }
    }

    @Test
    void given_a_half_made_database_when_started_then_it_is_discarded_and_made_anew() throws IOException, SQLException {
        Path unfinished = temp.resolve("postgresql.new-of-a-killed-owner");
        Files.createDirectories(unfinished.resolve("base"));
        Files.writeString(unfinished.resolve("PG_VERSION"), "18\n");

        try (LocalPostgres postgres = LocalPostgres.persistent(dataDirectory())) {
            store(postgres, "kept");
            assertThat(stored(postgres)).isEqualTo("kept");
            assertThat(unfinished).doesNotExist();
        }
    }

    @Test
    void given_a_directory_of_something_else_when_started_then_its_files_are_left_alone() throws IOException {
        Files.createDirectories(dataDirectory());
        Files.writeString(dataDirectory().resolve("thesis.txt"), "years of work");

        assertThatIllegalStateException()
                .isThrownBy(() -> LocalPostgres.persistent(dataDirectory()))
                .withMessageContaining("empty");

        assertThat(dataDirectory().resolve("thesis.txt")).hasContent("years of work");
    }

    /** Leaves a row, a dead JVM and its living server. */
    private ProcessHandle killedOwner() throws IOException, InterruptedException {
        Process owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledOwner.class.getName(),
                        dataDirectory().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = owner.inputReader()) {
            long postmaster = Long.parseLong(said.readLine());
            return ProcessHandle.of(postmaster).orElseThrow();
        } finally {
            owner.destroyForcibly();
            assertThat(owner.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Path pidFile() {
        return dataDirectory().resolve("postmaster.pid");
    }

    static void store(LocalPostgres postgres, String text) throws SQLException {
        try (Session session = new Session(postgres)) {
            session.run("CREATE TABLE note AS SELECT '%s' AS text".formatted(text));
        }
    }

    private static String stored(LocalPostgres postgres) throws SQLException {
        try (Session session = new Session(postgres)) {
            return String.valueOf(session.ask("SELECT text FROM note"));
        }
    }

    /** Starts a server, stores a row, says the server's pid and waits to be killed. */
    static final class KilledOwner {

        public static void main(String[] arguments) throws Exception {
            LocalPostgres postgres = LocalPostgres.persistent(Path.of(arguments[0]));
            store(postgres, "of the killed owner");
            try (Session session = new Session(postgres)) {
                System.out.println(session.postmaster().pid());
            }
            Thread.currentThread().join();
        }
    }
}
