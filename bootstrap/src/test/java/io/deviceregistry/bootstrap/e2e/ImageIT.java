package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is packaged, and the image that the Dockerfile makes of it, put together and run as it says. */
class ImageIT {
    private static final Path PACKAGE = Path.of("target", "quarkus-app");
    private static final int SIGTERM = 128 + 15;

    @TempDir
    private Path image;

    @Test
    void given_the_package_then_nothing_of_the_local_run_and_of_the_tests_is_in_it() throws IOException {
        List<String> entries = new ArrayList<>();
        for (Path jar :
                files(PACKAGE).filter(file -> file.toString().endsWith(".jar")).toList()) {
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                zip.stream().forEach(entry -> entries.add(entry.getName()));
            }
        }

        assertThat(entries)
                .contains("io/deviceregistry/domain/Device.class")
                .noneMatch(entry -> entry.startsWith("io/deviceregistry/sandbox/"))
                .noneMatch(entry -> entry.startsWith("io/zonky/"))
                .noneMatch(entry -> entry.endsWith(".txz"))
                .noneMatch(entry -> entry.startsWith("org/junit/"));
        Set<String> tests = testClasses();
        assertThat(tests).contains("io/deviceregistry/bootstrap/e2e/ImageIT.class");
        assertThat(entries).noneMatch(tests::contains);
        assertThat(files(PACKAGE).map(file -> PACKAGE.relativize(file).toString()))
                .noneMatch(tests::contains);
    }

    /** Of all modules, as far as they are built. */
    private static Set<String> testClasses() throws IOException {
        Set<String> classes = new TreeSet<>();
        Files.walkFileTree(Path.of(".."), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                if (!directory.endsWith(Path.of("target", "test-classes"))) {
                    return FileVisitResult.CONTINUE;
                }
                files(directory)
                        .map(file -> directory.relativize(file).toString())
                        .filter(file -> file.endsWith(".class"))
                        .filter(file -> !file.endsWith("package-info.class"))
                        .forEach(classes::add);
                return FileVisitResult.SKIP_SUBTREE;
            }
        });
        return classes;
    }

    @Test
    void given_the_dockerfile_then_all_that_is_packaged_gets_into_the_image_whose_user_is_a_number_and_not_root()
            throws IOException {
        build();

        assertThat(files(image).map(file -> image.relativize(file).toString()))
                .containsExactlyInAnyOrderElementsOf(files(PACKAGE)
                        .map(file -> PACKAGE.relativize(file).toString())
                        // Tells people what is packaged; nothing reads it.
                        .filter(file -> !file.equals("quarkus-app-dependencies.txt"))
                        // Of the JDK that built it, which is not the image's.
                        .filter(file -> !file.equals("app.aot"))
                        .toList());
        assertThat(arguments("USER")).hasSize(1).first().asString().matches("[1-9]\\d*:[1-9]\\d*");
        assertThat(arguments("EXPOSE")).containsExactly("8080");
    }

    @Test
    void given_the_image_when_it_runs_then_it_serves_and_writes_nothing_beside_itself_and_stops_when_told_to()
            throws Exception {
        build();
        List<Path> before = files(image).toList();
        int port = freePort();
        try (Deployment deployment = new Deployment().with("QUARKUS_HTTP_PORT", Integer.toString(port))) {
            Process service = entryPoint(deployment).start();
            try {
                RegistryClient registry =
                        new RegistryClient(URI.create("http://localhost:" + port), Deployment.API_KEY);
                await().atMost(Duration.ofSeconds(60))
                        .ignoreExceptions()
                        .until(() -> registry.send(registry.request("/q/health/started"))
                                        .status()
                                == 200);
                String device =
                        registry.register("imaged", "ios", "token-of-imaged").deviceId();
                registry.awaitSync("imaged", device, "SYNCED");

                service.destroy();

                assertThat(service.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(service.exitValue()).isEqualTo(SIGTERM);
                assertThat(files(image)).containsExactlyInAnyOrderElementsOf(before);
            } finally {
                service.destroyForcibly();
            }
        }
    }

    private ProcessBuilder entryPoint(Deployment deployment) throws IOException {
        List<String> command = new ArrayList<>();
        JsonNode words = Deployment.json(String.join(" ", arguments("ENTRYPOINT")));
        words.forEach(word -> command.add(word.asText()));
        assertThat(command.removeFirst()).isEqualTo("java");
        command.addFirst(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ProcessBuilder service = new ProcessBuilder(command)
                .directory(image.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        service.environment().putAll(deployment.environment());
        return service;
    }

    /** As COPY does, into what is the image's work directory. */
    private void build() throws IOException {
        for (String line : instructions("COPY")) {
            List<String> words = List.of(line.split(" "));
            Path source = Path.of(words.getFirst());
            Path target = image.resolve(words.getLast());
            if (Files.isRegularFile(source)) {
                Files.copy(source, target.resolve(source.getFileName()));
                continue;
            }
            for (Path file : files(source).toList()) {
                Path copy = target.resolve(source.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    private static List<String> arguments(String instruction) throws IOException {
        return instructions(instruction).stream()
                .flatMap(line -> Stream.of(line.split(" ")))
                .toList();
    }

    /** What follows the word, of each line that begins with it. */
    private static List<String> instructions(String instruction) throws IOException {
        return Files.readAllLines(Path.of("src", "main", "docker", "Dockerfile")).stream()
                .filter(line -> line.startsWith(instruction + " "))
                .map(line -> line.substring(instruction.length() + 1))
                .toList();
    }

    private static Stream<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).collect(Collectors.toList()).stream();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
