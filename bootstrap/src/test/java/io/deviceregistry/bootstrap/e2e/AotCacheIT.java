package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the package starts from what its JVM learned when it was built, and does not depend on it. */
class AotCacheIT {

    @TempDir
    private Path temp;

    @Test
    void given_the_cache_when_started_then_nearly_all_classes_come_from_it() throws Exception {
        Path classes = temp.resolve("classes.log");
        try (Deployment deployment =
                new Deployment().with("JAVA_OPTS", ServiceProcess.SHORT_LIVED + " -Xlog:class+load:file=" + classes)) {
            RegistryClient registry = deployment.start();
            assertThat(registry.register("cached", "ios", "cached-token").status())
                    .isEqualTo(201);
        }

        long cached = lines(classes, "source: shared objects file");
        assertThat(cached).isGreaterThan(10_000);
        assertThat(lines(classes, "source: ") - cached).isLessThan(cached / 5);
    }

    @Test
    void given_a_cache_of_another_jvm_when_started_then_it_is_not_used_and_the_service_works() throws Exception {
        Path other = temp.resolve("other.aot");
        Files.copy(ServiceProcess.AOT_CACHE, other);
        rename(other);
        try (Deployment deployment =
                new Deployment().with("JAVA_OPTS", ServiceProcess.SHORT_LIVED + " -XX:AOTCache=" + other)) {
            RegistryClient registry = deployment.start();

            assertThat(registry.register("uncached", "ios", "uncached-token").status())
                    .isEqualTo(201);
            assertThat(deployment.log()).contains("[warning][aot]");
        }
    }

    /** The JVM that made a cache has its name and version near the beginning. */
    private static void rename(Path cache) throws IOException {
        try (FileChannel file = FileChannel.open(cache, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer header = ByteBuffer.allocate(1_024);
            file.read(header, 0);
            int name =
                    new String(header.array(), StandardCharsets.ISO_8859_1).indexOf(System.getProperty("java.vm.name"));
            assertThat(name).isPositive();
            file.write(ByteBuffer.wrap("Another".getBytes(StandardCharsets.ISO_8859_1)), name);
        }
    }

    private static long lines(Path file, String text) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.contains(text)).count();
        }
    }
}
