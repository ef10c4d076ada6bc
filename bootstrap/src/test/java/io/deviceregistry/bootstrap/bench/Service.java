package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.deviceregistry.bootstrap.local.Dockerfile;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The packaged service on a database of its own, with its default settings but for those that it cannot do without. */
final class Service implements AutoCloseable {
    static final String API_KEY = "an-api-key-for-the-benchmark";

    /** Those of the image, in the 1 GiB that the deployment gives it. */
    static final String JAVA_OPTIONS = "-XX:MaxRAM=1g " + String.join(" ", Dockerfile.optionsOfJava());

    private static final String ENCRYPTION_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final String LOOKUP_KEY = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final int BATCH = 1_000;
    private static final String BUNCE = "{\"provider\":\"bunce\"}";
    private static final long KIBIBYTE = 1_024;
    private static final Pattern NO_DIGITS = Pattern.compile("\\D");
    private static final JsonMapper MAPPER = new JsonMapper();

    private final ServiceProcess process;
    private final String database;
    private final Path log;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Service(ServiceProcess process, String database, Path log) {
        this.process = process;
        this.database = database;
        this.log = log;
    }

    /**
     * Ready.
     *
     * @param settings by environment variable, beside those that it cannot do without
     */
    static Service start(Server server, String database, URI provider, Path directory, Map<String, String> settings)
            throws InterruptedException {
        Map<String, String> environment = new HashMap<>(settings);
        environment.putAll(Map.of(
                "JAVA_OPTS",
                JAVA_OPTIONS,
                "QUARKUS_HTTP_HOST",
                "127.0.0.1",
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:postgresql://localhost:%d/%s".formatted(server.port(), database),
                "QUARKUS_DATASOURCE_USERNAME",
                server.username(),
                "QUARKUS_DATASOURCE_PASSWORD",
                server.password(),
                "REGISTRY_BUNCE_BASE_URL",
                provider.toString(),
                "REGISTRY_BUNCE_API_KEY",
                "sk_test_benchmark",
                "REGISTRY_TOKEN_ENCRYPTION_KEY",
                ENCRYPTION_KEY,
                "REGISTRY_TOKEN_LOOKUP_KEY",
                LOOKUP_KEY,
                "REGISTRY_BOOTSTRAP_API_KEY",
                API_KEY));
        Path log = directory.resolve("service.log");
        Service service = new Service(ServiceProcess.start(environment, 0, log), database, log);
        service.awaitReady();
        return service;
    }

    private void awaitReady() throws InterruptedException {
        if (!process.awaitReady(PATIENCE)) {
            close();
            throw new BenchException("The service did not become ready: " + log());
        }
    }

    String database() {
        return database;
    }

    /** Of the API, its version included. */
    URI url() {
        return URI.create(process.url() + "/v1");
    }

    long pid() {
        return process.pid();
    }

    private void post(String path, String body) throws InterruptedException {
        HttpResponse<String> answer = send(path, body);
        if (answer.statusCode() >= 300 || answer.statusCode() == 207) {
            throw new BenchException("%s was answered with %d: %s".formatted(path, answer.statusCode(), answer.body()));
        }
    }

    private HttpResponse<String> send(String path, String body) throws InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path)).header("X-Authorization", API_KEY);
    }

    private HttpResponse<String> send(HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new BenchException("The service did not answer: " + log(), e);
        }
    }

    /** Lets providers be told of nothing. */
    void pauseSync() throws InterruptedException {
        post("/sync:pause", BUNCE);
    }

    void resumeSync() throws InterruptedException {
        post("/sync:resume", BUNCE);
    }

    /**
     * Imports a file of NDJSON, and returns when all of it is stored.
     *
     * @throws BenchException unless each row made a device
     */
    void importFile(Path file, long rows) throws InterruptedException {
        try {
            HttpResponse<String> accepted = send(request("/imports")
                    .header("Content-Type", "application/x-ndjson")
                    .POST(BodyPublishers.ofFile(file))
                    .build());
            if (accepted.statusCode() != 202) {
                throw new BenchException(
                        "The import was answered with %d: %s".formatted(accepted.statusCode(), accepted.body()));
            }
            String path = "/imports/"
                    + MAPPER.readTree(accepted.body()).path("import_id").asText();
            JsonNode job = MAPPER.readTree(accepted.body());
            while (!job.path("finished_at").isTextual()) {
                Thread.sleep(BETWEEN_LOOKS);
                job = MAPPER.readTree(send(request(path).GET().build()).body());
            }
            if (job.path("rows_stored").asLong() != rows) {
                throw new BenchException("Of %d rows the import stored not each one: %s".formatted(rows, job));
            }
        } catch (IOException e) {
            throw new BenchException("%s cannot be imported".formatted(file), e);
        }
    }

    /** Resident bytes by a line of {@code /proc}, such as {@code VmRSS}; 0 where the system has none. */
    long memory(String line) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid()), "status"))) {
            return lines.filter(found -> found.startsWith(line + ":"))
                    .mapToLong(found -> Long.parseLong(NO_DIGITS.matcher(found).replaceAll("")) * KIBIBYTE)
                    .findFirst()
                    .orElse(0);
        } catch (IOException noProc) {
            return 0;
        }
    }

    /**
     * Registers devices of customers whose ids are the prefix and a number from 0.
     *
     * @throws BenchException if one is refused
     */
    void fill(String prefix, int customers, int devicesEach) throws InterruptedException {
        StringBuilder items = new StringBuilder();
        int pending = 0;
        int devices = customers * devicesEach;
        for (int i = 0; i < devices; i++) {
            items.append(pending == 0 ? "{\"items\":[" : ",")
                    .append("""
                    {"customer_id":"%1$s%2$d","device_type":"android","device_token":"%1$s%3$d-%4$s"}""".formatted(prefix, i / devicesEach, i, "x".repeat(140)));
            if (++pending == BATCH || i == devices - 1) {
                post("/devices:batch", items.append("]}").toString());
                items.setLength(0);
                pending = 0;
            }
        }
    }

    private String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.close();
        http.close();
    }
}
