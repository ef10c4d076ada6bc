package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Files of devices, in and out. */
@Order(8)
class ImportIT {
    private static final String NDJSON = "application/x-ndjson";
    private static final String CSV = "text/csv";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        // A hundred megabytes pass through it.
        deployment = new Deployment().with("JAVA_OPTS", "-Xmx96m -XX:TieredStopAtLevel=1");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private static Answer post(RegistryClient to, String query, String type, BodyPublisher body, String... headers)
            throws IOException, InterruptedException {
        var request = to.request("/v1/imports" + query)
                .timeout(PATIENCE)
                .header("X-Authorization", Deployment.API_KEY)
                .header("Content-Type", type)
                .POST(body);
        return to.send(headers.length == 0 ? request : request.headers(headers));
    }

    private static Answer post(String type, String... lines) throws IOException, InterruptedException {
        return post(registry, "", type, BodyPublishers.ofString(String.join("\n", lines)));
    }

    private static JsonNode imported(String type, String... lines) throws IOException, InterruptedException {
        return finished(registry, post(type, lines));
    }

    private static JsonNode finished(RegistryClient at, Answer accepted) {
        assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
        assertThat(accepted.header("Location")).isEqualTo("/v1/imports/" + accepted.text("/import_id"));
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> at.get(accepted.header("Location")).json(),
                        job -> job.path("finished_at").isTextual());
    }

    private static List<Long> counts(JsonNode job) {
        return IntStream.range(0, 4)
                .mapToObj(List.of("rows_read", "rows_stored", "rows_unchanged", "rows_failed")::get)
                .map(name -> job.path(name).asLong())
                .toList();
    }

    private static String row(String customer, String token) {
        return "{\"customer_id\":\"%s\",\"device_type\":\"ios\",\"device_token\":\"%s\"}".formatted(customer, token);
    }

    private static Answer export(RegistryClient from, String query, String accept)
            throws IOException, InterruptedException {
        return from.send(from.request("/v1/exports/devices" + query)
                .header("X-Authorization", Deployment.API_KEY)
                .header("Accept", accept)
                .GET());
    }

    @Test
    void a_file_of_ndjson_becomes_devices_of_which_providers_are_told_behind_others() throws Exception {
        JsonNode job = imported(NDJSON, row("nd-1", "nd-token-1"), "", """
                {"customer_id":"nd-2","device_type":"android","device_token":"nd-token-2",\
                "metadata":{"locale":"de-DE"},"observed_at":"2020-01-01T00:00:00Z"}""");

        assertThat(job.path("status").asText()).isEqualTo("FINISHED");
        assertThat(job.path("imported_by").asText()).isEqualTo("bootstrap");
        assertThat(job.path("rows_per_second").asDouble()).isPositive();
        assertThat(job.path("seconds_left").isNull()).isTrue();
        assertThat(counts(job)).containsExactly(2L, 2L, 0L, 0L);
        JsonNode device = registry.list("nd-2").json().at("/devices/0");
        assertThat(device.path("device_token").asText()).isEqualTo("nd-token-2");
        assertThat(device.path("last_seen_at").asText()).isEqualTo("2020-01-01T00:00:00Z");
        assertThat(device.at("/metadata/locale").asText()).isEqualTo("de-DE");
        registry.awaitSync("nd-2", device.path("device_id").asText(), "SYNCED");
        assertThat(number(deployment, "select count(*) from device_sync where backlog and customer_id like 'nd-%'"))
                .isEqualTo(2);
        assertThat(number(
                        deployment,
                        "select count(*) from device_change where caller = 'bootstrap' and customer_id like 'nd-%'"))
                .isEqualTo(2);
    }

    @Test
    void a_file_of_csv_may_be_compressed_and_of_several_parts() throws Exception {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(gzip("customer_id,device_type,device_token,app_id\r\ncsv-1,ios,csv-token-1,shop\r\n"));
        file.write(gzip("csv-2,ios,\"csv-token-\"\"2\"\"\",\r\n"));

        JsonNode job = finished(
                registry,
                post(registry, "", CSV, BodyPublishers.ofByteArray(file.toByteArray()), "Content-Encoding", "gzip"));

        assertThat(counts(job)).containsExactly(2L, 2L, 0L, 0L);
        assertThat(registry.list("csv-1").text("/devices/0/metadata/app_id")).isEqualTo("shop");
        assertThat(registry.list("csv-2").text("/devices/0/device_token")).isEqualTo("csv-token-\"2\"");
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void rows_that_fail_are_told_by_line_and_reason_and_the_others_are_stored() throws Exception {
        List<String> lines = new ArrayList<>();
        IntStream.range(0, 101).forEach(n -> lines.add(row("full", "full-token-" + n)));
        lines.add("no json");
        lines.add(row("bad-2", "secret-token ").replace("ios", "sundial"));
        lines.add("x".repeat(70_000));
        lines.add(row("good", "good-token"));

        JsonNode job = imported(NDJSON, lines.toArray(String[]::new));

        assertThat(job.path("status").asText()).isEqualTo("FINISHED");
        assertThat(counts(job)).containsExactly(105L, 101L, 0L, 4L);
        assertThat(registry.list("good").json().path("devices")).hasSize(1);
        String errors = "/v1/imports/" + job.path("import_id").asText() + "/errors";
        Answer first = registry.get(errors + "?limit=3");
        Answer second = registry.get(errors + "?limit=3&cursor=" + first.text("/next_cursor"));
        assertThat(first.json().path("errors")).hasSize(3);
        assertThat(second.json().path("next_cursor").isNull()).isTrue();
        assertThat(second.text("/errors/0/line")).isEqualTo("104");
        assertThat(second.text("/errors/0/reason")).isEqualTo("is longer than 65536 bytes");
        assertThat(first.text("/errors/0/reason")).isEqualTo("A customer may have at most 100 active devices.");
        assertThat(first.text("/errors/1/reason")).isEqualTo("is not a JSON object");
        assertThat(first.text("/errors/2/reason")).contains("/device_type must be one of", "/device_token must not");
        assertThat(first.body()).doesNotContain("secret-token");
    }

    @Test
    void a_dry_run_only_checks() throws Exception {
        JsonNode job = finished(
                registry,
                post(
                        registry,
                        "?dry_run=true",
                        NDJSON,
                        BodyPublishers.ofString(row("dry", "dry-token") + "\n" + row("dry", ""))));

        assertThat(job.path("dry_run").asBoolean()).isTrue();
        assertThat(counts(job)).containsExactly(2L, 0L, 0L, 1L);
        assertThat(registry.list("dry").json().path("devices")).isEmpty();
    }

    @Test
    void the_same_file_again_changes_nothing() throws Exception {
        String[] file = {
            row("again", "again-token"),
            row("again", "again-seen").replace("}", ",\"last_seen_at\":\"2026-01-01T00:00:00Z\"}")
        };
        imported(NDJSON, file);
        // So that a refresh would be written.
        number(
                deployment,
                "with u as (update device set last_seen_at = now() - interval '1 day', as_of = now() - interval '1 day'"
                        + " where customer_id = 'again' and as_of > now() - interval '1 day' returning 1)"
                        + " select count(*) from u");
        Answer before = registry.list("again");

        JsonNode job = imported(NDJSON, file);

        assertThat(counts(job)).containsExactly(2L, 0L, 2L, 0L);
        assertThat(registry.list("again").body()).isEqualTo(before.body());
        assertThat(number(deployment, "select count(*) from device_change where customer_id = 'again'"))
                .isEqualTo(2);
    }

    @Test
    void what_is_no_file_to_import_is_refused_as_a_whole() throws Exception {
        long before = number(deployment, "select count(*) from import_job");

        assertProblem(post("application/json", "{}"), 415, "UNSUPPORTED_MEDIA_TYPE");
        assertThat(RawHttp.send(
                        registry.url(),
                        "POST",
                        "/v1/imports",
                        "X-Authorization: " + Deployment.API_KEY,
                        "Content-Length: 0"))
                .startsWith("HTTP/1.1 415 ")
                .contains("Content-Type must be application/x-ndjson or text/csv.");
        assertProblem(post(CSV + ";charset=iso-8859-1", "x"), 415, "UNSUPPORTED_MEDIA_TYPE");
        assertProblem(
                post(registry, "", CSV, BodyPublishers.ofString("x"), "Content-Encoding", "br"),
                415,
                "UNSUPPORTED_MEDIA_TYPE");
        assertProblem(
                post(registry, "", CSV, BodyPublishers.ofString("x"), "Content-Encoding", "gzip"),
                400,
                "MALFORMED_REQUEST");
        Answer header = post(CSV, "customer_id,device_type,colour", "x".repeat(1_000_000));
        assertThat(faults(header)).containsOnly("");
        assertThat(header.body())
                .contains("must have a column device_token", "column 3")
                .doesNotContain("colour");
        assertThat(faults(post(registry, "?dry_run=1", CSV, BodyPublishers.ofString("x"))))
                .containsExactly("dry_run");
        assertThat(faults(post(registry, "?dryrun=true", CSV, BodyPublishers.ofString("x"))))
                .containsExactly("dryrun");
        assertThat(number(deployment, "select count(*) from import_job")).isEqualTo(before);
    }

    @Test
    void imports_are_listed_the_newest_first_and_by_their_status() throws Exception {
        String older =
                imported(NDJSON, row("listed", "listed-1")).path("import_id").asText();
        String newer =
                imported(NDJSON, row("listed", "listed-2")).path("import_id").asText();

        Answer first = registry.get("/v1/imports?limit=1&status=FINISHED");
        Answer second =
                registry.get("/v1/imports?limit=1&status=FINISHED,RUNNING&cursor=" + first.text("/next_cursor"));

        assertThat(first.json().path("imports")).hasSize(1);
        assertThat(first.json().at("/imports/0"))
                .isEqualTo(registry.get("/v1/imports/" + newer).json());
        assertThat(second.text("/imports/0/import_id")).isEqualTo(older);
        assertThat(registry.get("/v1/imports?status=RECEIVING").json().path("imports"))
                .isEmpty();
        assertThat(registry.get("/v1/imports").json().path("imports")).hasSizeGreaterThan(1);
        assertThat(faults(registry.get("/v1/imports?status=DONE&limit=0&cursor=bG8&state=x")))
                .containsExactlyInAnyOrder("status", "limit", "cursor", "state");
    }

    @Test
    void an_import_that_is_not_there_is_not_found() throws Exception {
        String path = "/v1/imports/018c7737-0ab2-78f7-ba75-1710dd8fe631";

        assertProblem(registry.get(path), 404, "IMPORT_NOT_FOUND");
        assertProblem(registry.get(path + "/errors"), 404, "IMPORT_NOT_FOUND");
        assertThat(faults(registry.get("/v1/imports/1"))).containsExactly("import_id");
        assertThat(faults(registry.get(path + "/errors?cursor=bG8&limit=0"))).containsExactly("limit", "cursor");
    }

    @Test
    void a_caller_needs_the_scopes() throws Exception {
        RegistryClient reader = new RegistryClient(
                registry.url(),
                registry.post("/v1/api-keys", "{\"caller\":\"reader\",\"scopes\":[\"devices:read\"]}")
                        .text("/key"));

        assertProblem(reader.get("/v1/imports"), 403, "FORBIDDEN");
        assertProblem(reader.get("/v1/imports/018c7737-0ab2-78f7-ba75-1710dd8fe631"), 403, "FORBIDDEN");
        Answer export = reader.get("/v1/exports/devices");
        assertProblem(export, 403, "FORBIDDEN");
        assertThat(export.text("/detail")).contains("devices:search");
    }

    @Test
    void a_file_that_breaks_off_leaves_an_import_that_says_so() throws Exception {
        try (Socket socket = new Socket("localhost", registry.url().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/imports HTTP/1.1\r\nHost: localhost\r\nX-Authorization: " + Deployment.API_KEY
                            + "\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n\r\n"
                            + "customer_id,device_type,device_token\n"
                            + "broken,ios,broken-token\n".repeat(200))
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            await().atMost(PATIENCE)
                    .until(() -> !registry.list("broken").json().path("devices").isEmpty());
        }

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(number(
                                deployment,
                                "select count(*) from import_job where not whole and finished_at is not null"
                                        + " and done = 200"))
                        .isOne());
    }

    @Test
    void a_file_of_any_size_passes_through_a_small_memory() throws Exception {
        byte[] lines = (row("large", "large-token")
                                .replace("}", ",\"metadata\":{\"app_id\":\"" + "x".repeat(250) + "\"}}")
                        + "\n")
                .repeat(200)
                .getBytes(StandardCharsets.UTF_8);
        int times = 128 * 1024 * 1024 / lines.length;

        JsonNode job = finished(registry, post(registry, "?dry_run=true", NDJSON, repeated(lines, times)));

        assertThat(counts(job)).containsExactly(200L * times, 0L, 0L, 0L);
    }

    private static BodyPublisher repeated(byte[] bytes, int times) {
        return BodyPublishers.ofInputStream(() -> new InputStream() {
            private int left = times;
            private int at;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] to, int offset, int length) {
                if (left == 0) {
                    return -1;
                }
                int number = Math.min(length, bytes.length - at);
                System.arraycopy(bytes, at, to, offset, number);
                at += number;
                if (at == bytes.length) {
                    at = 0;
                    left--;
                }
                return number;
            }
        });
    }

    private static String[] rows(String name, int number) {
        return IntStream.range(0, number)
                .mapToObj(n -> row(name + "-" + n / 2, name + "-token-" + n))
                .toArray(String[]::new);
    }

    @Test
    void a_service_that_is_killed_goes_on_where_it_was_and_what_it_exports_another_one_can_import() throws Exception {
        int number = 10_000;
        try (Deployment first = new Deployment();
                Deployment second = new Deployment()) {
            RegistryClient killed = first.start();
            Answer accepted =
                    post(killed, "", NDJSON, BodyPublishers.ofString(String.join("\n", rows("killed", number))));
            String job = accepted.header("Location");
            first.lastReplica().kill();
            long stored = number(first, "select stored from import_job");
            assertThat(stored).as("it was killed in the middle").isLessThan(number);

            RegistryClient restarted = first.start();
            JsonNode done = finished(restarted, accepted);

            assertThat(done.path("status").asText()).isEqualTo("FINISHED");
            assertThat(counts(done)).containsExactly((long) number, (long) number, 0L, 0L);
            assertThat(number(first, "select count(*) from device where status = 'ACTIVE'"))
                    .isEqualTo(number);
            assertThat(number(first, "select count(*) from device_change")).isEqualTo(number);
            assertThat(number(first, "select count(*) from import_chunk")).isZero();
            assertThat(restarted.get(job + "/errors").json().path("errors")).isEmpty();

            RegistryClient other = second.start();
            for (String type : List.of(CSV, NDJSON)) {
                Answer export = export(restarted, "", type);
                assertThat(export.contentType()).startsWith(type);
                assertThat(export.header("Estimated-Rows")).isEqualTo(String.valueOf(number));
                JsonNode copied = finished(other, post(other, "", type, BodyPublishers.ofString(export.body())));
                boolean again = type.equals(NDJSON);
                assertThat(counts(copied))
                        .containsExactly((long) number, again ? 0L : number, again ? (long) number : 0L, 0L);
            }
            assertThat(devices(other)).hasSize(number).isEqualTo(devices(restarted));
        }
    }

    /** Without what each registry gives a device itself. */
    private static List<String> devices(RegistryClient of) throws IOException, InterruptedException {
        return export(of, "", NDJSON)
                .body()
                .lines()
                .map(line -> line.replaceAll("\"(device_id|registered_at)\":\"[^\"]*\",", ""))
                .sorted()
                .toList();
    }

    @Test
    void exports_hold_active_devices_if_nothing_else_is_asked_for() throws Exception {
        imported(NDJSON, row("exported", "exported-1"), row("exported", "exported-2"));
        registry.post("/v1/customers/exported/devices:remove", "{\"device_token\":\"exported-1\"}");

        assertThat(export(registry, "", NDJSON).body()).contains("exported-2").doesNotContain("exported-1");
        Answer removed = export(registry, "?status=REMOVED", CSV);
        assertThat(Long.parseLong(removed.header("Estimated-Rows")))
                .isEqualTo(removed.body().lines().count() - 1);
        assertThat(removed.body().lines()).anyMatch(line -> line.contains(",exported,ios,,REMOVED,DEREGISTERED,"));
        assertThat(export(registry, "", "*/*").contentType()).startsWith(NDJSON);
        assertThat(faults(export(registry, "?status=GONE", NDJSON))).containsExactly("status");
        assertProblem(export(registry, "", "image/png"), 406, "NOT_ACCEPTABLE");
    }

    @Test
    void what_changes_after_an_export_began_is_behind_its_cursor() throws Exception {
        registry.register("before-export", "ios", "before-export");

        String cursor = export(registry, "", NDJSON).header("Changes-Cursor");
        String device = registry.register("after-export", "ios", "after-export").deviceId();

        await().untilAsserted(() -> assertThat(registry.get("/v1/changes?after=" + cursor)
                        .json()
                        .path("changes")
                        .findValuesAsText("device_id"))
                .contains(device));
    }

    @Test
    void an_export_that_cannot_be_finished_breaks_off_before_its_end() throws Exception {
        try (Deployment broken = new Deployment()) {
            RegistryClient client = broken.start();
            // More than what is on its way when nobody reads.
            String metadata = IntStream.range(0, 20)
                    .mapToObj(n -> "\"extra-%d\":\"%s\"".formatted(n, "x".repeat(100)))
                    .collect(Collectors.joining(",", ",\"metadata\":{\"extra\":{", "}}}"));
            String file = Stream.of(rows("broken", 6_000))
                    .map(row -> row.replace("}", metadata))
                    .collect(Collectors.joining("\n"));
            finished(client, post(client, "", NDJSON, BodyPublishers.ofString(file)));

            try (Socket caller = new Socket()) {
                // Before it is connected: the window is offered then.
                caller.setReceiveBufferSize(16_384);
                caller.connect(new InetSocketAddress(
                        client.url().getHost(), client.url().getPort()));
                caller.getOutputStream()
                        .write(("GET /v1/exports/devices HTTP/1.1\r\nHost: x\r\nX-Authorization: " + Deployment.API_KEY
                                        + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                StringBuilder export = new StringBuilder();
                export.append((char) caller.getInputStream().read());
                try (Connection connection = broken.connect();
                        Statement statement = connection.createStatement()) {
                    statement.execute("alter table device rename to device_that_was");
                }

                readTo(caller.getInputStream(), export);

                assertThat(export).startsWith("HTTP/1.1 200 ").contains("chunked", "broken");
                assertThat(export.toString()).as("the last chunk").doesNotEndWith("\r\n0\r\n\r\n");
            }
        }
    }

    /** Until the other side ends it, in whatever way. */
    private static void readTo(InputStream answer, StringBuilder text) {
        byte[] part = new byte[65_536];
        try {
            for (int length = answer.read(part); length >= 0; length = answer.read(part)) {
                text.append(new String(part, 0, length, StandardCharsets.US_ASCII));
            }
        } catch (IOException _) {
            // It was reset.
        }
    }

    @Test
    void files_that_arrive_while_the_service_stops_are_told_to_come_again() throws Exception {
        try (Deployment stopping = new Deployment().with("QUARKUS_SHUTDOWN_DELAY", "1S")) {
            RegistryClient client = stopping.start();
            // With its first answer it reads the description, which it cannot any more after the last one.
            assertThat(client.list("nobody").status()).isEqualTo(200);
            CountDownLatch arriving = new CountDownLatch(2);

            Future<Answer> lines = callers.submit(() -> endless('\n', client, arriving));
            Future<Answer> line = callers.submit(() -> endless('x', client, arriving));
            arriving.await();
            stopping.lastReplica().handle().destroy();

            assertProblem(lines.get(), 503, "STOPPING");
            assertProblem(line.get(), 503, "STOPPING");
            assertThat(number(stopping, "select count(*) from import_job where not whole and finished_at is not null"))
                    .isEqualTo(2);
        }
    }

    /** A file of nothing but this, without end. */
    private static Answer endless(char content, RegistryClient client, CountDownLatch arriving)
            throws IOException, InterruptedException {
        return post(client, "", NDJSON, BodyPublishers.ofInputStream(() -> new InputStream() {
            private boolean told;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] to, int offset, int length) {
                if (!told) {
                    told = true;
                    arriving.countDown();
                }
                LockSupport.parkNanos(20_000_000);
                to[offset] = (byte) content;
                return 1;
            }
        }));
    }

    private static long number(Deployment of, String query) throws Exception {
        try (Connection connection = of.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }
}
