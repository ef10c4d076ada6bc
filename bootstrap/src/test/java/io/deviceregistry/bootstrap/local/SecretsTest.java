package io.deviceregistry.bootstrap.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {

    @TempDir
    private Path temp;

    private Secrets secrets() {
        return new Secrets(temp.resolve("secrets"));
    }

    @Test
    void given_no_key_when_it_is_asked_for_then_it_is_made_once_for_each_name() {
        String key = secrets().key("lookup");

        assertThat(Base64.getDecoder().decode(key)).hasSize(32);
        assertThat(secrets().key("lookup")).isEqualTo(key);
        assertThat(secrets().key("encryption")).isNotEqualTo(key);
    }

    @Test
    void given_a_made_key_when_its_files_are_listed_then_only_the_owner_can_read_them_and_nothing_else_is_left()
            throws IOException {
        secrets().key("lookup");

        assertThat(rights(temp.resolve("secrets"))).isEqualTo("rwx------");
        assertThat(rights(temp.resolve("secrets").resolve("lookup"))).isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(temp.resolve("secrets"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void given_many_that_ask_first_at_once_when_all_have_asked_then_all_have_the_same_key() throws Exception {
        int askers = 16;
        CyclicBarrier together = new CyclicBarrier(askers);
        Callable<String> ask = () -> {
            together.await();
            return secrets().key("lookup");
        };

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers =
                    Stream.generate(() -> threads.submit(ask)).limit(askers).toList();

            for (Future<String> answer : answers) {
                assertThat(answer.get()).isEqualTo(secrets().key("lookup"));
            }
        }
    }

    @Test
    void given_a_file_that_holds_no_key_when_it_is_asked_for_then_the_file_is_named_and_kept() throws IOException {
        Path file = Files.createDirectories(temp.resolve("secrets")).resolve("lookup");
        Files.writeString(file, "dG9vIHNob3J0");

        assertThatExceptionOfType(CannotRunException.class)
                .isThrownBy(() -> secrets().key("lookup"))
                .withMessageContaining(file.toString())
                .withMessageNotContaining("dG9vIHNob3J0");
        assertThat(file).hasContent("dG9vIHNob3J0");
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
