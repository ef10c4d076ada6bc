package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.db.LocalPostgres;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.ApiKeySecret.Environment;
import io.deviceregistry.sandbox.bunce.Behaviour;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No secret comes out of the process but where it was asked for, and none is readable in the database. */
class SecretsIT {
    @TempDir
    private static Path directory;

    private static TraceCollector collector;
    private static LocalPostgres postgres;
    private static Deployment deployment;
    private static RegistryClient registry;

    /** Secrets that were planted. */
    private final List<String> canaries = new ArrayList<>(List.of(
            Deployment.API_KEY,
            Deployment.BUNCE_KEY.substring(0, 12),
            Deployment.ENCRYPTION_KEY,
            Deployment.LOOKUP_KEY));

    /** What callers were told who did not ask for a token. */
    private final StringBuilder told = new StringBuilder();

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.persistent(directory.resolve("postgresql"));
        collector = new TraceCollector();
        deployment = collector
                .of(ChaosRun.briskly(new Deployment(postgres, postgres.jdbcUrl(), null)))
                // Everything that can be switched on is.
                .with("QUARKUS_LOG_LEVEL", "DEBUG")
                .with("QUARKUS_HTTP_ACCESS_LOG_ENABLED", "true")
                .with("QUARKUS_REST_CLIENT_LOGGING_SCOPE", "request-response")
                .with("QUARKUS_HIBERNATE_ORM_LOG_SQL", "true");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
        postgres.close();
        collector.close();
    }

    private String canary() {
        String canary = "canary-%d-%s".formatted(canaries.size(), HexFormat.of().toHexDigits(System.nanoTime()));
        canaries.add(canary);
        return canary;
    }

    private static String devices(String token) {
        return "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"%s\"}]}".formatted(token);
    }

    private Answer hear(Answer answer) {
        told.append(answer.headers().map()).append(answer.body()).append('\n');
        return answer;
    }

    private static void bunce(Behaviour behaviour) {
        deployment.bunce().behave(behaviour.withRequestsPerMinute(0));
    }

    @Test
    void what_was_planted_on_every_path_is_found_nowhere() throws Exception {
        plantInLivesOfDevices();
        plantInRefusedRequests();
        plantInKeys();
        plantInFailuresOfBunce();
        plantInAFailureOfTheDatabase();
        dumpThreads();

        for (String path :
                List.of("/q/metrics", "/q/openapi", "/q/health", "/v1/sync", "/v1/sync/parked", "/v1/api-keys")) {
            hear(registry.get(path));
        }
        assertThat(Map.of(
                        "in answers",
                        found(told.toString()),
                        "in what was printed",
                        deployment
                                .log()
                                .lines()
                                .filter(line -> !found(line).isEmpty())
                                .toList(),
                        "in traces",
                        found(collector.bytes()),
                        "in tables",
                        found(everythingStored())))
                .allSatisfy((where, canaries) -> assertThat(canaries).as(where).isEmpty());
        // The search finds what is there.
        assertThat(deployment.log())
                .contains("POST /v1/customers/lives/devices")
                .contains("BunceTraffic")
                .contains("Full thread dump");
        assertThat(collector.bytes())
                .contains(
                        "POST /v1/customers/{customer_id}/devices",
                        "POST /customers/{customer_id}/devices",
                        "sync bunce");
        postgres.close();
        assertThat(foundInFiles()).as("in files of the server").isEmpty();
    }

    private void plantInLivesOfDevices() throws IOException, InterruptedException {
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

    private void plantInRefusedRequests() throws IOException, InterruptedException {
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

    private void plantInKeys() throws IOException, InterruptedException {
        String issued = registry.post("/v1/api-keys", "{\"caller\":\"spy\",\"scopes\":[\"devices:read\"]}")
                .text("/key");
        String unknown =
                ApiKeySecret.generate(Environment.LIVE, new SecureRandom()).value();
        canaries.add(issued);
        canaries.add(unknown);
        RegistryClient spy = new RegistryClient(registry.url(), issued);
        spy.list("lives");
        hear(spy.post("/v1/customers/lives/devices", devices(canary())));
        for (String key : List.of(unknown, canary(), issued + "x")) {
            hear(new RegistryClient(registry.url(), key).list("lives"));
            hear(registry.send(
                    registry.request("/v1/customers/lives/devices").header("Authorization", "Bearer " + key)));
        }
    }

    private void plantInFailuresOfBunce() throws IOException, InterruptedException {
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

    private void parked(String customer, String token) throws IOException, InterruptedException {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "PARKED");
        hear(registry.get("/v1/customers/" + customer + "/devices/" + device + "/sync"));
    }

    private void plantInAFailureOfTheDatabase() throws IOException, InterruptedException {
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

    /** Every row of every table, as a dump has it. */
    private static String everythingStored() throws SQLException {
        StringBuilder everything = new StringBuilder();
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet table = statement.executeQuery(
                    "select format('%I', tablename) from pg_tables where schemaname = 'public'")) {
                while (table.next()) {
                    tables.add(table.getString(1));
                }
            }
            assertThat(tables).contains("device", "device_sync", "api_key", "idempotency_record");
            for (String table : tables) {
                try (ResultSet row = statement.executeQuery("select t::text from " + table + " t")) {
                    while (row.next()) {
                        everything.append(row.getString(1)).append('\n');
                    }
                }
            }
        }
        return everything.toString();
    }

    /** What was written ahead, what was deleted since, and the server's own log included. */
    private List<String> foundInFiles() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                found(content).forEach(canary -> found.add(canary + " in " + file));
            }
        }
        return found;
    }

    /** As they are, and as the bytes of a column are shown. */
    private List<String> found(String text) {
        HexFormat hex = HexFormat.of();
        return canaries.stream()
                .filter(canary ->
                        text.contains(canary) || text.contains(hex.formatHex(canary.getBytes(StandardCharsets.UTF_8))))
                .toList();
    }
}
