package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.deviceregistry.bootstrap.e2e.CommandLineRun.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./registry import} and {@code ./registry export} as a person types them. */
@Order(5)
class ImportCommandIT {
    private static final Map<String, String> KEY = Map.of("REGISTRY_API_KEY", Deployment.API_KEY);

    private static Deployment deployment;
    private static RegistryClient registry;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        deployment = new Deployment();
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private static Result run(String command, String... arguments) throws Exception {
        return CommandLineRun.of(registry.url(), KEY, command, arguments).result();
    }

    private static String row(String customer, String token) {
        return "{\"customer_id\":\"%s\",\"device_type\":\"ios\",\"device_token\":\"%s\"}%n".formatted(customer, token);
    }

    private String file(String name, String content) throws IOException {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private String file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content).toString();
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void a_file_is_stored_and_the_rows_that_could_not_be_are_told_by_line() throws Exception {
        String file =
                file("devices.ndjson", row("cmd-1", "cmd-1") + row("cmd-2", "secret-token ") + row("cmd-3", "cmd-3"));
        Path errors = folder.resolve("errors.ndjson");

        Result shown = run("import", file);
        Result written = run("import", file, "--errors", errors.toString());

        assertThat(shown.code()).as(shown.err()).isEqualTo(3);
        assertThat(shown.out()).contains("3 rows read, 2 stored, 0 unchanged, 1 failed");
        assertThat(shown.err()).contains("line 2: /device_token").doesNotContain("secret");
        assertThat(registry.list("cmd-3").json().path("devices")).hasSize(1);
        assertThat(written.code()).as(written.err()).isEqualTo(3);
        assertThat(written.out()).contains("0 stored, 2 unchanged, 1 failed");
        assertThat(written.err()).doesNotContain("line 2");
        assertThat(errors).content().startsWith("{\"line\":2,\"reason\":").hasLineCount(1);
    }

    @Test
    void a_compressed_file_of_csv_is_checked_then_stored() throws Exception {
        String file = file("devices.csv.gz", gzip("customer_id,device_type,device_token\ncmd-csv,ios,cmd-csv\n"));

        Result checked = run("import", "--dry-run", file);
        boolean nothing = registry.list("cmd-csv").json().path("devices").isEmpty();
        Result stored = run("import", file);

        assertThat(checked.code()).as(checked.err()).isZero();
        assertThat(checked.out()).contains("Dry run", "1 rows read");
        assertThat(nothing).isTrue();
        assertThat(stored.code()).as(stored.err()).isZero();
        assertThat(registry.list("cmd-csv").text("/devices/0/device_token")).isEqualTo("cmd-csv");
    }

    @Test
    void what_was_exported_to_a_file_changes_nothing_when_it_is_imported_from_the_standard_input() throws Exception {
        registry.register("cmd-export", "ios", "cmd-export");
        Path exported = folder.resolve("exported.csv");

        Result export = run("export", exported.toString());
        Result again = run("export", exported.toString());
        Result piped = run("export", "-", "--format", "ndjson", "--status", "active,INVALID");
        Result imported = CommandLineRun.of(registry.url(), KEY, "import", "-", "--format", "CSV")
                .fed(Files.readString(exported))
                .result();

        assertThat(export.code()).as(export.err()).isZero();
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(export.err()).contains(" rows; what changed since it began: /v1/changes?after=");
        assertThat(exported).content().startsWith("device_id,").contains("cmd-export");
        assertThat(Files.getPosixFilePermissions(exported)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(files()).containsExactly(exported);
        assertThat(piped.out().lines()).allMatch(line -> line.startsWith("{\"device_id\""));
        assertThat(imported.code()).as(imported.err()).isZero();
        assertThat(imported.out()).contains(" 0 stored", " 0 failed");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void what_is_refused_ends_with_the_services_words_also_in_the_middle_of_a_file() throws Exception {
        String large = file("large.csv", "x".repeat(99).concat("\n").repeat(1_000_000));

        Result refused = run("import", large);
        Result wrongKey = CommandLineRun.of(registry.url(), Map.of("REGISTRY_API_KEY", "not-a-key"), "import", large)
                .result();
        Result noService = run("import", large, "--url", "http://localhost:1");

        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("must have a column device_token");
        // Which is for those who end it.
        assertThat(Stream.of(refused, wrongKey, noService))
                .allSatisfy(result -> assertThat(result.err()).doesNotContain("What arrived of the file is stored"));
        assertThat(wrongKey.code()).isEqualTo(1);
        assertThat(wrongKey.err()).contains("valid API key");
        assertThat(noService.code()).isEqualTo(1);
        assertThat(noService.err()).contains("http://localhost:1 does not answer");
    }

    @Test
    void what_makes_no_sense_is_told_before_anything_is_sent() throws Exception {
        Result nothing = run("import");
        Result missing = run("import", folder.resolve("missing.csv").toString());
        Result unnamed = run("import", file("devices", ""));
        Result directory = run("import", folder.toString(), "--format", "csv");
        Result noErrors = run(
                "import",
                file("unsent.ndjson", row("cmd-unsent", "cmd-unsent")),
                "--errors",
                folder.resolve("no/such.ndjson").toString());
        String both = file("both.ndjson", row("cmd-unsent", "cmd-unsent"));
        Result itself = run("import", both, "--errors", both);
        Result nowhere = run("export", folder.resolve("no/such.csv").toString());
        Result intoDirectory = run("export", folder.toString(), "--format", "csv");
        Result noStatus = run("export", folder.resolve("x.csv").toString(), "--status", "active,GONE");
        Result help = run("import", "--help");

        assertThat(Stream.of(nothing, missing, unnamed, directory, noErrors, itself, nowhere, intoDirectory, noStatus))
                .allMatch(result -> result.code() == 2);
        assertThat(missing.err()).contains("Cannot read", "missing.csv");
        assertThat(unnamed.err()).contains("--format");
        assertThat(directory.err()).contains("is a directory");
        assertThat(noErrors.err()).contains("Cannot write", "such.ndjson");
        assertThat(itself.err()).contains("--errors");
        assertThat(Path.of(both)).content().contains("cmd-unsent");
        assertThat(registry.list("cmd-unsent").json().path("devices")).isEmpty();
        assertThat(nowhere.err()).contains("Cannot write");
        assertThat(intoDirectory.err()).contains("is a directory");
        assertThat(noStatus.err()).contains("--status", "GONE", "INVALID");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("--dry-run", "3   Some rows could not be stored");
    }

    @Test
    void an_export_that_the_standard_output_does_not_take_is_told() throws Exception {
        registry.register("cmd-full", "ios", "cmd-full");

        Result result = CommandLineRun.onFullDisk(registry.url(), KEY, "export", "-", "--format", "csv")
                .result();

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("Cannot write -").doesNotContain(" rows; what changed");
    }

    @Test
    void an_export_goes_through_links_and_pipes_and_leaves_them_there() throws Exception {
        registry.register("cmd-link", "ios", "cmd-link");
        Path target = Path.of(file("target.csv", "before"));
        Path link = Files.createSymbolicLink(folder.resolve("link.csv"), target);
        Path pipe = folder.resolve("pipe.csv");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Process reader = new ProcessBuilder("cat", pipe.toString()).start();

        Result linked = run("export", link.toString());
        Result written = run("export", pipe.toString());

        assertThat(linked.code()).as(linked.err()).isZero();
        assertThat(link).isSymbolicLink();
        assertThat(target).content().startsWith("device_id,").contains("cmd-link");
        assertThat(written.code()).as(written.err()).isZero();
        // Or who reads from it waits for ever.
        assertThat(Files.isRegularFile(pipe)).isFalse();
        assertThat(reader.inputReader().readAllAsString()).contains("cmd-link");
    }

    @Test
    void a_terminal_shows_a_bar() throws Exception {
        String file = file("bar.ndjson", row("cmd-bar", "cmd-bar"));

        Result result =
                CommandLineRun.onTerminal(registry.url(), KEY, "import", file).result();
        Result exported = CommandLineRun.onTerminal(
                        registry.url(), KEY, "export", folder.resolve("bar.csv").toString())
                .result();

        assertThat(result.code()).as(result.out()).isZero();
        assertThat(result.out()).contains("100% [", "1/1 rows", "1 stored").doesNotContain("WARN");
        assertThat(exported.code()).as(exported.out()).isZero();
        assertThat(exported.out()).contains("100% [").containsPattern("Exported.* ([0-9]+)/\\1 rows");
    }

    /** A service that is not there all the time. */
    private static HttpServer standIn(Answer answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            answer.to(exchange);
        });
        server.start();
        return server;
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static URI url(HttpServer server) {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    @Test
    void an_import_is_awaited_while_the_service_restarts() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = standIn(exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                answer(exchange, 202, "{\"import_id\":\"one\"}");
                return;
            }
            switch (asked.incrementAndGet()) {
                case 3 -> exchange.close();
                case 2 -> answer(exchange, 200, "{\"status\":\"RUNNING\",\"rows_read\":1,\"finished_at\":null}");
                case 1, 4 -> answer(exchange, 503, "{\"detail\":\"The database is not available.\"}");
                default -> answer(exchange, 200, "{\"status\":\"FINISHED\",\"rows_read\":1,\"finished_at\":\"now\"}");
            }
        });

        Result result = CommandLineRun.of(url(server), KEY, "import", file("devices.ndjson", row("c", "t")))
                .result();
        server.stop(0);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(asked).hasValue(5);
    }

    @Test
    void who_does_not_wait_is_told_where_to_look() throws Exception {
        CountDownLatch awaited = new CountDownLatch(2);
        HttpServer server = standIn(exchange -> {
            awaited.countDown();
            answer(exchange, 200, "{\"import_id\":\"one\",\"status\":\"RUNNING\",\"finished_at\":null}");
        });

        CommandLineRun run = CommandLineRun.of(url(server), KEY, "import", file("devices.ndjson", row("c", "t")));
        awaited.await();
        run.interrupt();
        Result result = run.result();
        server.stop(0);

        assertThat(result.code()).isEqualTo(130);
        assertThat(result.err()).contains("The import goes on", url(server) + "/v1/imports/one");
    }

    @Test
    void an_export_that_breaks_off_leaves_what_was_there() throws Exception {
        HttpServer server = standIn(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            // A whole row, by which nobody could tell.
            exchange.getResponseBody().write(row("c", "t").getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            // Without the last chunk.
            exchange.getHttpContext().getServer().stop(0);
        });
        String before = file("devices.ndjson", "before");

        Result result = CommandLineRun.of(url(server), KEY, "export", before).result();

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("The export broke off after", "Begin it anew");
        assertThat(Path.of(before)).hasContent("before");
        assertThat(files()).hasSize(1);
    }
}
