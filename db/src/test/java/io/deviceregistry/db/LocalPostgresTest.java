package io.deviceregistry.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalPostgresTest {

    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.temporary();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void given_the_role_of_the_service_when_its_rights_are_asked_then_it_is_an_ordinary_owner() throws SQLException {
        try (Session session = new Session(postgres)) {
            assertThat(session.ask("""
                    SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
                    FROM pg_roles WHERE rolname = current_user
                    """)).isEqualTo("f");
            assertThat(session.ask("""
                    SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()
                    """)).isEqualTo(postgres.username());
        }
    }

    @Test
    void given_the_server_when_its_version_is_asked_then_it_is_18() throws SQLException {
        try (Session session = new Session(postgres)) {
            assertThat(session.ask("SHOW server_version")).startsWith("18.");
        }
    }

    @Test
    void given_a_new_database_when_it_is_written_then_it_belongs_to_the_role_and_others_do_not_see_it()
            throws SQLException {
        String other = postgres.createDatabase("other_1");

        try (Session session = new Session(postgres, other)) {
            session.run("CREATE TABLE thing (id int)");
            assertThat(session.ask("SELECT to_regclass('thing')")).isEqualTo("thing");
        }

        try (Session session = new Session(postgres)) {
            assertThat(session.ask("SELECT to_regclass('thing')")).isNull();
        }
    }

    @Test
    void given_a_name_that_needs_quotes_when_a_database_is_created_then_it_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> postgres.createDatabase("a\"; DROP DATABASE registry"))
                .withMessageContaining("plain name");
    }

    @Test
    void given_a_jar_without_programs_when_a_server_is_started_from_it_then_it_is_refused_by_name(
            @TempDir Path directory) throws IOException {
        Path jar = directory.resolve("without-programs.jar");
        try (ZipOutputStream content = new ZipOutputStream(Files.newOutputStream(jar))) {
            content.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
        }

        assertThatIllegalStateException()
                .isThrownBy(() -> LocalPostgres.temporary(jar))
                .havingCause()
                .withMessageContaining(jar.toString());
    }

    @Test
    void given_a_temporary_server_when_it_is_closed_twice_then_nothing_of_it_is_left() throws SQLException {
        LocalPostgres other = LocalPostgres.temporary();
        ProcessHandle postmaster;
        try (Session session = new Session(other)) {
            postmaster = session.postmaster();
        }
        assertThat(Postmaster.isRunning(postmaster)).isTrue();
        assertThat(other.dataDirectory()).exists();

        other.close();
        other.close();

        assertThat(Postmaster.isRunning(postmaster)).isFalse();
        assertThat(other.dataDirectory()).doesNotExist();
    }
}
