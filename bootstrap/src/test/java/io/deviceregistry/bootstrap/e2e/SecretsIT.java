package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.deploy.Tool;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.db.LocalPostgres;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.ApiKeySecret.Environment;
import io.deviceregistry.sandbox.bunce.Behaviour;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No secret comes out of the process but where it was asked for, and none is readable in the database. */
@Order(7)
class SecretsIT {
    @TempDir
    private static Path directory;

    /** In paths that callers may write: no secret, so it must be found wherever a secret would be. */
    private static final String IN_THE_OPEN = "planted-in-the-open";

    private static IdentityProvider issuer;
    private static TraceCollector collector;
    private static LocalPostgres postgres;
    private static Deployment deployment;
    private static RegistryClient registry;

    /** Secrets that were planted. */
    private static final List<String> CANARIES = new ArrayList<>(List.of(
            Deployment.API_KEY,
            Deployment.BUNCE_KEY.substring(0, 12),
            Deployment.ENCRYPTION_KEY,
            Deployment.LOOKUP_KEY,
            hexOfBase64(Deployment.ENCRYPTION_KEY),
            hexOfBase64(Deployment.LOOKUP_KEY)));

    /** What callers were told who did not ask for a token. */
    private static final StringBuilder TOLD = new StringBuilder();

    @BeforeAll
    static void plant() throws Exception {
        Path data = directory.resolve("postgresql");
        postgres = (Tool.PG_DUMP.isThere() ? Dumps.oldEnoughServer() : Optional.<Path>empty())
                .map(programs -> LocalPostgres.persistent(data, programs))
                .orElseGet(() -> LocalPostgres.persistent(data));
        collector = new TraceCollector();
        issuer = IdentityProvider.start();
        deployment = collector
                .of(ChaosRun.briskly(new Deployment(postgres, postgres.jdbcUrl(), null)))
                .with("QUARKUS_OIDC_AUTH_SERVER_URL", issuer.url())
                .with("QUARKUS_OIDC_TOKEN_AUDIENCE", IdentityProvider.AUDIENCE)
                .with("REGISTRY_REQUESTS_PER_SECOND_OF", "spy=1")
                // Everything that can be switched on is.
                .with("QUARKUS_LOG_LEVEL", "DEBUG")
                .with("QUARKUS_HTTP_ACCESS_LOG_ENABLED", "true")
                .with("QUARKUS_REST_CLIENT_LOGGING_SCOPE", "request-response")
                .with("QUARKUS_HIBERNATE_ORM_LOG_SQL", "true");
        registry = deployment.start();

        plantInLivesOfDevices();
        plantInBulkRequests();
        plantInImports();
        plantInExportsAndChanges();
        plantInRefusedRequests();
        plantInPaths();
        plantInKeys();
        plantInTokensOfTheIdentityProvider();
        plantInFailuresOfBunce();
        plantInAFailureOfTheDatabase();
        plantInOverload();
        dumpThreads();
        for (String path : List.of(
                "/q/metrics",
                "/q/openapi",
                "/q/health",
                "/v1/sync",
                "/v1/sync/parked",
                "/v1/api-keys",
                "/v1/imports",
                "/v1/encryption-keys",
                "/v1/lookup-key")) {
            hear(registry.get(path));
        }
    }

    @AfterAll
    static void stop() {
        deployment.close();
        postgres.close();
        collector.close();
        issuer.close();
    }

    private static String hexOfBase64(String key) {
        return HexFormat.of().formatHex(Base64.getDecoder().decode(key));
    }

    private static String canary() {
        String canary = "canary-%d-%s".formatted(CANARIES.size(), HexFormat.of().toHexDigits(System.nanoTime()));
        CANARIES.add(canary);
        return canary;
    }

    private static String devices(String token) {
        return "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"%s\"}]}".formatted(token);
    }

    private static Answer hear(Answer answer) {
        TOLD.append(answer.headers().map()).append(answer.body()).append('\n');
        return answer;
    }

    private static void bunce(Behaviour behaviour) {
        deployment.bunce().behave(behaviour.withRequestsPerMinute(0));
    }

    @Test
    void no_answer_has_what_was_planted() {
        assertThat(found(TOLD.toString())).isEmpty();
        assertThat(TOLD)
                .contains("UNSUPPORTED", "METHOD_NOT_ALLOWED", "TOO_MANY_REQUESTS", "OVERLOADED", "UNAUTHENTICATED")
                .contains("rows_failed", "http_server_requests_seconds_count");
    }

    @Test
    void nothing_that_was_printed_has_what_was_planted() {
        Canaries canaries = new Canaries(CANARIES);
        assertThat(deployment
                        .log()
                        .lines()
                        .filter(line -> !canaries.foundIn(line).isEmpty()))
                .isEmpty();
        assertThat(deployment.log())
                .contains("POST /v1/customers/{customer_id}/devices HTTP/1.1")
                .contains("UNKNOWN UNKNOWN HTTP/1.1")
                .contains("BunceTraffic")
                .contains("Full thread dump");
    }

    @Test
    void no_trace_has_what_was_planted() {
        assertThat(found(collector.bytes())).isEmpty();
        assertThat(collector.bytes())
                .contains(
                        "POST /v1/customers/{customer_id}/devices",
                        "POST /customers/{customer_id}/devices",
                        "sync bunce");
    }

    @Test
    void no_dump_of_the_database_has_what_was_planted() throws Exception {
        String dump = Tool.PG_DUMP.run("--dbname=" + Dumps.address(postgres));

        assertThat(found(dump)).isEmpty();
        assertThat(dump).contains("COPY public.device ", "COPY public.idempotency_record ", IN_THE_OPEN);
    }

    @Test
    void no_file_of_the_database_server_has_what_was_planted() throws Exception {
        asSuperuser("checkpoint");

        String files = files();

        assertThat(found(files)).isEmpty();
        assertThat(files).contains(IN_THE_OPEN);
    }

    /** Or the other tests would prove nothing. */
    @Test
    void the_search_finds_what_is_stored_in_any_form() throws Exception {
        List<String> forms = List.of("%s", "x%s", "xx%s", "xxx%s");
        List<String> planted = new ArrayList<>();
        execute("create table found (clear text, bytes bytea, base64 text, url text)");
        for (String form : forms) {
            String text = form.formatted("a-secret-that-is-to-be-found-" + planted.size());
            planted.add(text);
            try (Connection connection = deployment.connect();
                    PreparedStatement insert = connection.prepareStatement(
                            "insert into found (base64, url, bytes, clear) values (?, ?, ?, ?)")) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                insert.setString(1, planted.size() == 1 ? Base64.getEncoder().encodeToString(bytes) : null);
                insert.setString(2, planted.size() == 2 ? Base64.getUrlEncoder().encodeToString(bytes) : null);
                insert.setBytes(3, planted.size() == 3 ? bytes : null);
                insert.setString(4, planted.size() == 4 ? text : null);
                insert.execute();
            }
        }
        String dump = Tool.PG_DUMP.run("--dbname=" + Dumps.address(postgres), "--table=found");
        execute("drop table found");

        assertThat(planted)
                .allSatisfy(text -> assertThat(new Canaries(List.of(text.substring(text.indexOf('a')))).foundIn(dump))
                        .as(text)
                        .isNotEmpty());
    }

    private static void plantInLivesOfDevices() throws IOException, InterruptedException {
        String first = canary();
        String second = canary();
        String third = canary();
        registry.post("/v1/customers/lives/devices", devices(first), "Idempotency-Key", "k");
        registry.awaitSync("lives", registry.list("lives").deviceId(), "SYNCED");
        registry.patch("/v1/customers/lives/devices", """
                {"current_device_token":"%s","device_token":"%s","device_type":"ios"}""".formatted(first, second));
        registry.post("/v1/customers/next/devices", devices(second));
        hear(registry.post("/v1/customers/next/devices:remove", "{\"device_token\":\"%s\"}".formatted(second)));
        registry.post("/v1/devices:batch", """
                {"items":[{"customer_id":"lives","device_type":"ios","device_token":"%1$s"},
                          {"customer_id":"other","device_type":"ios","device_token":"%1$s"}]}""".formatted(third));
        hear(registry.post("/v1/devices:report-invalid", """
                {"reports":[{"device_token":"%s","reason":"UNREGISTERED"}]}""".formatted(third)));
        registry.post("/v1/devices:search", "{\"device_token\":\"%s\"}".formatted(third));
        registry.post("/v1/customers", """
                {"customer_id":"erased","devices":[{"device_type":"ios","device_token":"%s"}]}""".formatted(canary()));
        hear(registry.delete("/v1/customers/erased"));
    }

    private static void plantInBulkRequests() throws IOException, InterruptedException {
        String described =
                "{\"customers\":[{\"customer_id\":\"%s\",\"devices\":[{\"device_type\":\"%s\",\"device_token\":\"%s\"}]}]}";
        hear(registry.post(
                "/v1/customers/bulk", described.formatted("bulk-1", "ios", canary()), "Idempotency-Key", "b"));
        hear(registry.put("/v1/customers/bulk-update", described.formatted("bulk-1", "ios", canary())));
        hear(registry.post("/v1/customers/bulk", described.formatted("bulk-1", "sundial", canary())));
        hear(registry.put("/v1/customers/bulk-update", described.formatted("bulk-1", canary(), canary())));
        hear(registry.post("/v1/devices:batch", """
                {"items":[{"customer_id":"bulk-1","device_type":"%s","device_token":"%s"}]}""".formatted(canary(), canary())));
        hear(registry.post("/v1/devices:report-invalid", """
                {"reports":[{"device_token":"%s","reason":"%s"}]}""".formatted(canary(), canary())));
    }

    private static void plantInImports() throws IOException, InterruptedException {
        String ndjson = "{\"customer_id\":\"%s\",\"device_type\":\"%s\",\"device_token\":\"%s\"%s}";
        importFile(
                "application/x-ndjson",
                ndjson.formatted("imported", "ios", canary(), ""),
                ndjson.formatted("imported", "sundial", canary(), ""),
                ndjson.formatted("imported", canary(), canary(), ""),
                ndjson.formatted("imported", "ios", canary() + " ", ""),
                ndjson.formatted("imported", "ios", canary(), ",\"" + canary() + "\":1"),
                ndjson.formatted("", "ios", canary(), ""),
                "{\"device_token\":\"" + canary(),
                canary());
        importFile(
                "text/csv",
                "customer_id,device_type,device_token",
                "imported,android," + canary(),
                "imported,sundial," + canary(),
                "imported," + canary() + "," + canary(),
                "imported,ios," + canary() + "," + canary(),
                "imported,ios,\"" + canary(),
                canary());
        importFile("text/csv", "customer_id,device_type," + canary(), "imported,ios," + canary());
        importFile("text/" + canary(), canary());
        hear(registry.get("/v1/imports?status=" + canary()));
        hear(registry.get("/v1/imports/" + canary()));
        // Broken off.
        RawHttp.begin(
                        registry.url(),
                        "POST",
                        "/v1/imports",
                        "X-Authorization: " + Deployment.API_KEY,
                        "Content-Type: text/csv",
                        "Content-Length: 1000",
                        "",
                        "customer_id,device_type,device_token",
                        "imported,ios," + canary())
                .close();
    }

    /** Waits until it is imported, if it is taken. */
    private static void importFile(String type, String... lines) throws IOException, InterruptedException {
        Answer answer = hear(registry.send(registry.authorized("/v1/imports")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(String.join("\n", lines) + "\n"))));
        if (answer.status() == 202) {
            String path = answer.header("Location");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> registry.get(path).json().path("finished_at").isTextual());
            hear(registry.get(path));
            hear(registry.get(path + "/errors"));
        }
    }

    private static void plantInExportsAndChanges() throws IOException, InterruptedException {
        for (String type : List.of("application/x-ndjson", "text/csv")) {
            // It is asked for tokens, so they are in the answer.
            Answer export = registry.send(registry.authorized("/v1/exports/devices")
                    .header("Accept", type)
                    .GET());
            assertThat(found(export.body())).isNotEmpty();
            TOLD.append(export.headers().map());
        }
        hear(registry.get("/v1/exports/devices?status=" + canary()));
        hear(registry.send(registry.authorized("/v1/exports/devices")
                .header("Accept", "text/" + canary())
                .GET()));
        hear(registry.get("/v1/changes"));
        hear(registry.get("/v1/changes?after=" + canary()));
        hear(registry.get("/v1/changes?wait=" + canary()));
    }

    private static void plantInPaths() throws IOException, InterruptedException {
        String device = registry.register(IN_THE_OPEN, "ios", canary()).deviceId();
        hear(registry.patch(
                "/v1/customers/" + IN_THE_OPEN + "/devices/" + device,
                "{\"device_token\":\"%s\"}".formatted(canary()),
                "If-Match",
                "\"" + canary() + "\""));
        registry.patch(
                "/v1/customers/" + IN_THE_OPEN + "/devices/" + device, "{\"device_token\":\"%s\"}".formatted(canary()));
        for (String path : List.of(
                "/v1/customers/%s",
                "/v1/customers/%s/devices",
                "/v1/customers/refused/devices/%s",
                "/v1/customers/refused/devices/%s/sync",
                "/v1/erasures/%s",
                "/v1/api-keys/%s",
                "/v1/%s",
                "/%s",
                "/q/%s",
                "/v1//%s",
                "/v1/../%s",
                "/v1/customers;%s/devices",
                "/v1/%%zz%s",
                "/v1/|%s")) {
            for (String method : List.of("GET", "POST", "DELETE", "OPTIONS", "PATCH", canary())) {
                for (String key : List.of("X-Authorization: " + Deployment.API_KEY, "X-Nothing: at all")) {
                    String answer =
                            RawHttp.send(registry.url(), method, path.formatted(canary()), key, "Content-Length: 0");
                    // An answer about a customer names it.
                    TOLD.append(path.equals("/v1/customers/%s") ? "" : answer);
                }
            }
            RawHttp.begin(
                            registry.url(),
                            "POST",
                            path.formatted(canary()),
                            "Content-Type: application/json",
                            "Content-Length: 100",
                            "",
                            "{\"" + canary())
                    .close();
        }
    }

    private static void plantInTokensOfTheIdentityProvider() throws IOException, InterruptedException {
        JwtClaims claims = issuer.claims("a-service", "devices:read");
        JwtClaims expired = issuer.claims("a-service", "devices:read");
        expired.setExpirationTime(IdentityProvider.in(Duration.ofMinutes(-5)));
        for (String token : List.of(
                issuer.sign(claims),
                issuer.sign(expired),
                IdentityProvider.sign(claims, IdentityProvider.newKey("one")),
                IdentityProvider.sign(claims, IdentityProvider.newKey("unknown")))) {
            // The rest proves nothing without it.
            CANARIES.add(token.substring(token.lastIndexOf('.') + 1));
            hear(registry.send(
                    registry.request("/v1/customers/lives/devices:remove").header("Authorization", "Bearer " + token)));
            hear(registry.send(registry.request("/v1/sync").header("Authorization", "Bearer " + token)));
            hear(new RegistryClient(registry.url(), token).get("/v1/sync"));
        }
    }

    private static void plantInOverload() throws IOException, InterruptedException {
        RegistryClient narrow =
                deployment.with("REGISTRY_MAX_CONCURRENT_REQUESTS", "1").start();
        try (Socket first = RawHttp.begin(
                narrow.url(),
                "POST",
                "/v1/customers/slow/devices",
                "Content-Type: application/json",
                "Content-Length: 100")) {
            await().until(() -> narrow.list("any").status() == 503);
            hear(narrow.post("/v1/customers/slow/devices", devices(canary())));
            hear(narrow.get("/v1/" + canary()));
            first.getOutputStream().write(("{\"" + canary()).getBytes(StandardCharsets.US_ASCII));
        }
        await().until(() -> narrow.list("any").status() == 200);
        hear(narrow.get("/q/metrics"));
    }

    private static void plantInRefusedRequests() throws IOException, InterruptedException {
        String path = "/v1/customers/refused/devices";
        hear(registry.post(path, "{\"devices\":[{\"device_token\":\"%s\"".formatted(canary())));
        hear(registry.post(path, devices(canary()).replace("ios", "sundial")));
        hear(registry.post(path, devices(canary() + " ")));
        hear(registry.post(
                path, devices("ios").replace("\"ios\",\"device_token\"", "\"" + canary() + "\",\"device_token\"")));
        hear(registry.get(path + "?status=ACTIVE&limit=" + canary()));
        hear(registry.get(path + "?device_token=" + canary()));
        hear(registry.post("/v1/devices:search", "{\"device_token\":[\"%s\"]}".formatted(canary())));
        hear(registry.patch(path, """
                {"current_device_token":"%s","device_token":"%s","device_type":"ios"}""".formatted(canary(), canary())));
        hear(registry.send(registry.request(path)
                .header("X-Authorization", Deployment.API_KEY)
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(canary()))));
    }

    private static void plantInKeys() throws IOException, InterruptedException {
        String issued = registry.post("/v1/api-keys", "{\"caller\":\"spy\",\"scopes\":[\"devices:read\"]}")
                .text("/key");
        String unknown =
                ApiKeySecret.generate(Environment.LIVE, new SecureRandom()).value();
        CANARIES.add(issued);
        CANARIES.add(unknown);
        RegistryClient spy = new RegistryClient(registry.url(), issued);
        for (int i = 0; i < 5; i++) {
            hear(spy.post("/v1/customers/lives/devices", devices(canary())));
        }
        hear(spy.post("/v1/customers/lives/devices", devices(canary())));
        for (String key : List.of(unknown, canary(), issued + "x")) {
            hear(new RegistryClient(registry.url(), key).list("lives"));
            hear(registry.send(
                    registry.request("/v1/customers/lives/devices").header("Authorization", "Bearer " + key)));
        }
    }

    private static void plantInFailuresOfBunce() throws IOException, InterruptedException {
        String refused = canary();
        bunce(Behaviour.normal()
                .withRefusal(new Behaviour.Refusal(
                        null, 422, "no such address as %s, says %s".formatted(refused, Deployment.BUNCE_KEY))));
        parked("refused", refused);
        hear(registry.get("/v1/sync/parked"));

        bunce(Behaviour.normal()
                .withRefusal(new Behaviour.Refusal(
                        null,
                        401,
                        "who is %s? %s... is not known"
                                .formatted(Deployment.BUNCE_KEY, Deployment.BUNCE_KEY.substring(0, 12)))));
        String unauthorized = registry.register("unauthorized", "ios", canary()).deviceId();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> registry.sync("unauthorized", unauthorized)
                        .path("last_error")
                        .isTextual());
        hear(registry.get("/v1/customers/unauthorized/devices/" + unauthorized + "/sync"));

        for (Fault.Kind kind : List.of(Fault.Kind.CUT, Fault.Kind.DROP, Fault.Kind.RUBBISH, Fault.Kind.ERROR_AFTER)) {
            bunce(Behaviour.normal().withFaults(List.of(Fault.always(kind).withTimes(1))));
            String customer = "failed-" + kind;
            registry.awaitSync(
                    customer, registry.register(customer, "ios", canary()).deviceId(), "SYNCED");
        }

        deployment.stopBunce();
        String unreachable = registry.register("unreachable", "ios", canary()).deviceId();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> registry.sync("unreachable", unreachable)
                        .path("last_error")
                        .isTextual());
        hear(registry.get("/v1/customers/unreachable/devices/" + unreachable + "/sync"));
        deployment.startBunce();
        registry.awaitSync("unreachable", unreachable, "SYNCED");
    }

    private static void parked(String customer, String token) throws IOException, InterruptedException {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "PARKED");
        hear(registry.get("/v1/customers/" + customer + "/devices/" + device + "/sync"));
    }

    private static void plantInAFailureOfTheDatabase() throws IOException, InterruptedException {
        postgres.crash();
        String token = canary();
        hear(registry.post("/v1/customers/unlucky/devices", devices(token), "Idempotency-Key", "unlucky"));
        postgres.restart();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> registry.register("unlucky", "ios", token).status() < 300);
    }

    /** Names of threads are in it. */
    private static void dumpThreads() throws IOException, InterruptedException {
        new ProcessBuilder(
                        "kill", "-QUIT", Long.toString(deployment.lastReplica().pid()))
                .start()
                .waitFor();
        await().atMost(Duration.ofSeconds(10)).until(() -> deployment.log().contains("Full thread dump"));
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void asSuperuser(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.superuser(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** What was written ahead, what was deleted since, and the server's own log included. */
    private static String files() throws IOException {
        StringBuilder content = new StringBuilder();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return content.toString();
    }

    private static Set<String> found(String text) {
        return new Canaries(CANARIES).foundIn(text);
    }
}
