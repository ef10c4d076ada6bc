package io.deviceregistry.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

class BinariesTest {

    @Test
    void given_programs_half_unpacked_by_a_killed_process_when_reserved_then_only_those_are_discarded()
            throws IOException {
        Path broken = Binaries.directory().resolve("PG-half-unpacked");
        Path complete = Binaries.directory().resolve("PG-complete");
        Files.createDirectories(broken.resolve("bin"));
        Files.createDirectories(complete);
        Files.writeString(broken.resolve("bin").resolve("postgres"), "half of it");
        Files.writeString(complete.resolve(".exists"), "");

        Binaries.reserve().close();

        assertThat(broken).doesNotExist();
        assertThat(complete).exists();
        Directories.delete(complete);
    }

    @Test
    void given_the_directory_of_the_programs_when_another_user_looks_then_it_is_closed_to_them() throws IOException {
        Path ours = Binaries.directory().resolveSibling("");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ours)))
                .isEqualTo("rwx------");
    }
}
