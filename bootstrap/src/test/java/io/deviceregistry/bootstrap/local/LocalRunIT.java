package io.deviceregistry.bootstrap.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script as a person types it. What it prints is pasted. */
@Order(10)
class LocalRunIT {

    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    private static final Path SCRIPT =
            Path.of("..", "registry").toAbsolutePath().normalize();
    private static final Pattern CURL = Pattern.compile("^curl -X POST .*\\\\\\n.*$", Pattern.MULTILINE);
    private static final Pattern REPLICA =
            Pattern.compile("^QUARKUS_DATASOURCE_JDBC_URL=.*(?= \\./registry run$)", Pattern.MULTILINE);
    private static final String FIRST_TOKEN = "874jwejfoiowef5974594";
    private static final String SECOND_TOKEN = "112bbwe348u9839845945675464";

    @TempDir
    private Path temp;

    private final int port = Ports.free();
    private final int sandboxPort = Ports.free();
    private final List<Run> runs = new ArrayList<>();
    private final List<ProcessHandle> orphans = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void stopAll() throws InterruptedException {
        for (Run run : runs.reversed()) {
            run.process.destroy();
            if (!run.process.waitFor(60, TimeUnit.SECONDS)) {
                run.process.destroyForcibly();
            }
        }
        orphans.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void given_a_fresh_data_directory_when_run_then_the_printed_curl_registers_and_sigterm_stops_everything()
            throws Exception {
        Run run = start("run").awaitReady();
        assertThat(run.output()).contains(LocalRun.DEVELOPMENT_KEY, "Swagger UI", "Database", "/sandbox/requests");

        assertThat(bash(run.printed(CURL))).contains("\"device_id\"", FIRST_TOKEN, SECOND_TOKEN);

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(sandboxRecord()).contains(FIRST_TOKEN, SECOND_TOKEN));
        assertThat(commandLines(run.process.toHandle()))
                .contains("quarkus-run.jar")
                .doesNotContain(secrets());

        ProcessHandle postmaster = postmaster();
        run.process.destroy();
        assertThat(run.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Processes.isRunning(postmaster)).isFalse();
        assertThat(Ports.obstacle(port)).isEmpty();
        assertThat(Ports.obstacle(sandboxPort)).isEmpty();
    }

    @Test
    void given_a_run_that_was_killed_when_started_again_then_it_recovers_and_ends_when_its_service_is_killed()
            throws Exception {
        Run killed = start("killed").awaitReady();
        bash(killed.printed(CURL));
        String devices = devices(port);
        assertThat(devices).contains(FIRST_TOKEN, SECOND_TOKEN);
        ProcessHandle orphanedServer = postmaster();
        ProcessHandle orphanedService = service(killed);
        orphans.addAll(List.of(orphanedServer, orphanedService));

        killed.process.destroyForcibly().waitFor();
        assertThat(Processes.isRunning(orphanedServer)).isTrue();
        assertThat(Processes.isRunning(orphanedService)).isTrue();
        Run next = start("next").awaitReady();

        assertThat(Processes.isRunning(orphanedServer)).isFalse();
        assertThat(Processes.isRunning(orphanedService)).isFalse();
        assertThat(devices(port)).isEqualTo(devices);

        ProcessHandle server = postmaster();
        service(next).destroyForcibly();
        assertThat(next.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(next.process.exitValue()).isEqualTo(137);
        assertThat(next.output()).contains("The service has ended by itself, with exit code 137.");
        assertThat(Processes.isRunning(server)).isFalse();
    }

    @Test
    void given_a_run_when_a_second_one_starts_then_it_is_refused_and_the_printed_line_starts_a_replica()
            throws Exception {
        Run first = start("first").awaitReady();
        bash(first.printed(CURL));
        int replicaPort = Ports.free();

        Run refused = start("refused", "QUARKUS_HTTP_PORT=" + replicaPort);
        assertThat(refused.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(refused.process.exitValue()).isEqualTo(1);
        assertThat(refused.output())
                .contains(temp.toString(), "process " + first.process.pid(), "QUARKUS_DATASOURCE_JDBC_URL");

        String variables = first.printed(REPLICA).replaceFirst("HTTP_PORT=\\d+", "HTTP_PORT=" + replicaPort);
        start("replica", variables).awaitReady();

        assertThat(devices(replicaPort)).isEqualTo(devices(port));
    }

    @Test
    void given_a_port_that_is_taken_when_run_then_it_and_its_variable_are_named_and_nothing_is_started()
            throws Exception {
        try (ServerSocket taken = new ServerSocket(port)) {
            Run run = start("run");

            assertThat(run.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(run.process.exitValue()).isEqualTo(1);
            assertThat(run.output()).contains(Integer.toString(taken.getLocalPort()), "QUARKUS_HTTP_PORT");
            assertThat(temp.resolve("data").resolve("postgresql")).doesNotExist();
        }
    }

    private Run start(String name) throws IOException {
        return start(name, "");
    }

    /** @param variables as they stand before a command, in place of what a run gets otherwise */
    private Run start(String name, String variables) throws IOException {
        Path output = temp.resolve(name + ".log");
        String exported = variables.isEmpty() ? "" : "export " + variables + "; ";
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", exported + "exec '" + SCRIPT + "' run")
                .directory(temp.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .keySet()
                .removeIf(variable -> variable.startsWith("QUARKUS_") || variable.startsWith("REGISTRY_"));
        builder.environment().put("REGISTRY_DATA_DIR", temp.resolve("data").toString());
        builder.environment().put("REGISTRY_SANDBOX_PORT", Integer.toString(sandboxPort));
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("REGISTRY_SKIP_BUILD", "true");
        builder.environment().put("JAVA_OPTS", ServiceProcess.SHORT_LIVED);
        Run run = new Run(builder.start(), output);
        runs.add(run);
        return run;
    }

    private String bash(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", line)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return answer;
    }

    private String devices(int ofPort) throws IOException, InterruptedException {
        return get("http://localhost:" + ofPort + "/v1/customers/0000/devices");
    }

    private String sandboxRecord() throws IOException, InterruptedException {
        return get("http://127.0.0.1:" + sandboxPort + "/sandbox/requests");
    }

    private String get(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("X-Authorization", LocalRun.DEVELOPMENT_KEY)
                .build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    private ProcessHandle postmaster() throws IOException {
        Path pidFile = temp.resolve("data").resolve("postgresql").resolve("postmaster.pid");
        long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
        return ProcessHandle.of(pid).orElseThrow();
    }

    private static ProcessHandle service(Run run) {
        return run.process.children().findFirst().orElseThrow();
    }

    private static String commandLines(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                .flatMap(one -> Stream.of(one.info().arguments().orElse(new String[0])))
                .collect(Collectors.joining("\n"));
    }

    private String[] secrets() {
        Secrets secrets = new Secrets(temp.resolve("data").resolve("secrets"));
        return new String[] {
            secrets.key("token-encryption-key"), secrets.key("token-lookup-key"), LocalRun.DEVELOPMENT_KEY
        };
    }

    private record Run(Process process, Path file) {

        Run awaitReady() {
            await().atMost(A_MINUTE.multipliedBy(2))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> !process.isAlive() || output().contains("curl -X POST"));
            assertThat(process.isAlive()).as(output()).isTrue();
            return this;
        }

        String output() {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String printed(Pattern pattern) {
            return pattern.matcher(output())
                    .results()
                    .map(MatchResult::group)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
