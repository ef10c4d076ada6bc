package io.deviceregistry.bootstrap.bench;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The provider of the benchmark, in a process of its own. */
final class Stub implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final URI url;

    Stub() {
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx512m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ProviderStub.class.getName())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            url = URI.create("http://127.0.0.1:" + requireNonNull(output.readLine(), "The stub did not start") + "/v1");
        } catch (IOException e) {
            throw new BenchException("The stub of the provider cannot be started", e);
        }
    }

    URI url() {
        return url;
    }

    /**
     * What arrived.
     *
     * @param seconds from the first to the last
     */
    record Deliveries(long devices, double seconds) {}

    Deliveries deliveries() throws InterruptedException {
        return deliveries("GET");
    }

    /** Forgets what arrived. */
    void reset() throws InterruptedException {
        deliveries("DELETE");
    }

    private Deliveries deliveries(String method) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url.resolve(ProviderStub.DELIVERIES))
                .method(method, BodyPublishers.noBody())
                .build();
        try {
            return MAPPER.readValue(http.send(request, BodyHandlers.ofString()).body(), Deliveries.class);
        } catch (IOException e) {
            throw new BenchException("The stub of the provider did not answer", e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** It ends with its input, and so with this process, too. */
    @Override
    public void close() {
        process.destroy();
        http.close();
    }
}
