package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.local.Dockerfile;
import io.deviceregistry.bootstrap.local.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
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

/**
 * What is packaged, and the image that the Dockerfile makes of it, put together and run as it says: where Linux lets it, as
 * the image's user, and with nothing to write to but an empty {@code /tmp}. Of the base image nothing is here: this
 * machine's Java and C library take their place.
 */
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
    void given_the_image_when_it_runs_on_a_read_only_file_system_then_it_serves_and_stops_when_told_to()
            throws Exception {
        build();
        List<Path> before = files(image).toList();
        int port = Ports.free();
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

    private ProcessBuilder entryPoint(Deployment deployment) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(Dockerfile.entryPoint());
        assertThat(command.removeFirst()).isEqualTo("java");
        command.addFirst(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ProcessBuilder service =
                confines() ? confined(command) : quietly(command).directory(image.toFile());
        service.environment().putAll(deployment.environment());
        return service;
    }

    /**
     * Runs a command with the image as its folder, and as the process that is started, so that it gets the signals: all that
     * is mounted becomes read-only, as {@code readOnlyRootFilesystem} makes it, and what the deployment mounts at /tmp is
     * put there. It needs root, or a kernel that lets anybody be root of a namespace of their own; who is not root already
     * cannot become the image's user.
     */
    private ProcessBuilder confined(List<String> command) throws IOException {
        String script = """
                while read -r _ target _; do
                  case $target in
                    /proc|/proc/*|/sys|/sys/*|/dev|/dev/*) ;;
                    *) mount -o remount,bind,ro "$target" || : ;;
                  esac
                done < /proc/self/mounts
                mount --bind "$1" /mnt
                mount -o remount,bind,ro /mnt
                mount -t tmpfs tmpfs /tmp
                cd /mnt
                user=$2
                shift 2
                if [ "$user" != - ]; then
                  set -- setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups "$@"
                fi
                exec "$@"
                """;
        boolean root = System.getProperty("user.name").equals("root");
        List<String> line = new ArrayList<>(List.of("unshare", "--mount"));
        if (!root) {
            line.addAll(List.of("--user", "--map-root-user"));
        }
        line.addAll(List.of("sh", "-e", "-c", script, "sh"));
        line.add(image.toAbsolutePath().toString());
        line.add(root ? arguments("USER").getFirst() : "-");
        line.addAll(command);
        // The folder was made for nobody else, and the image's user has to read it.
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rwxr-xr-x"));
        return quietly(line);
    }

    private static ProcessBuilder quietly(List<String> command) {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    /** Whether this system can, and does. In CI it has to. */
    private boolean confines() throws IOException, InterruptedException {
        try {
            if (confined(List.of("true")).start().waitFor() == 0) {
                assertThat(confined(List.of("touch", "/tmp/written")).start().waitFor())
                        .isZero();
                for (String path : List.of("written", "/var/tmp/written", "/written")) {
                    assertThat(confined(List.of("touch", path)).start().waitFor())
                            .as(path)
                            .isNotZero();
                }
                return true;
            }
        } catch (IOException _) {
            // There is no such program.
        }
        assertThat(System.getenv("CI")).as("there are no namespaces").isNull();
        return false;
    }

    /** As COPY does, into what is the image's work directory. */
    private void build() throws IOException {
        for (String line : Dockerfile.instructions("COPY")) {
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

    private static List<String> arguments(String instruction) {
        return Dockerfile.instructions(instruction).stream()
                .flatMap(line -> Stream.of(line.split(" ")))
                .toList();
    }

    private static Stream<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).collect(Collectors.toList()).stream();
        }
    }
}
