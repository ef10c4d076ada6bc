package io.deviceregistry.bootstrap.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    @TempDir
    private Path temp;

    @Test
    void given_no_directory_when_opened_then_it_is_made_for_its_owner_alone() throws IOException {
        DataDirectory data = DataDirectory.open(temp.resolve("deep").resolve(".data"));

        assertThat(rights(data.path())).isEqualTo("rwx------");
    }

    @Test
    void given_a_directory_that_others_use_too_when_opened_then_its_rights_stay() throws IOException {
        Path shared = Files.createDirectory(
                temp.resolve("shared"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));

        DataDirectory.open(shared);

        assertThat(rights(shared)).isEqualTo("rwxr-xr-x");
    }

    @Test
    void given_a_file_in_its_place_when_opened_then_the_variable_to_set_is_named() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));

        assertThatExceptionOfType(CannotRunException.class)
                .isThrownBy(() -> DataDirectory.open(file))
                .withMessageContaining(file.toString())
                .withMessageContaining("REGISTRY_DATA_DIR");
    }

    @Test
    void given_a_holder_when_another_process_locks_then_it_is_told_who_holds_it_and_how_to_start_a_replica()
            throws Exception {
        AutoCloseable lock = DataDirectory.open(temp).lock();

        String refusal = tryToLockInAnotherProcess();
        lock.close();
        String answer = tryToLockInAnotherProcess();

        assertThat(refusal)
                .contains(temp.toString())
                .contains("process " + ProcessHandle.current().pid())
                .contains("QUARKUS_DATASOURCE_JDBC_URL")
                .contains("QUARKUS_HTTP_PORT");
        assertThat(answer).isEqualTo("locked");
    }

    private String tryToLockInAnotherProcess() throws IOException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Locker.class.getName(),
                        temp.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = other.inputReader()) {
            return String.valueOf(said.readLine());
        }
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** Says how its attempt went. */
    static final class Locker {

        public static void main(String[] arguments) throws Exception {
            try (AutoCloseable lock = DataDirectory.open(Path.of(arguments[0])).lock()) {
                System.out.println(lock == null ? "nothing" : "locked");
            } catch (CannotRunException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
