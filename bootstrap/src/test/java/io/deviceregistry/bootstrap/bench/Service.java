package io.deviceregistry.bootstrap.bench;

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
import java.util.Map;

/** The packaged service on a database of its own, with its default settings but for those that it cannot do without. */
final class Service implements AutoCloseable {
    static final String API_KEY = "an-api-key-for-the-benchmark";

    /** What the image and the deployment make of a heap: 60 % of 1 GiB, and the collector of servers. */
    static final String JAVA_OPTIONS = "-Xmx614m -Xms16m -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError";

    private static final String ENCRYPTION_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final String LOOKUP_KEY = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int BATCH = 1_000;

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

    /** Ready. */
    static Service start(Server server, String database, URI provider, Path directory) throws InterruptedException {
        Map<String, String> environment = Map.of(
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
                API_KEY);
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
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path))
                .header("X-Authorization", API_KEY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new BenchException("The service did not answer: " + log(), e);
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
