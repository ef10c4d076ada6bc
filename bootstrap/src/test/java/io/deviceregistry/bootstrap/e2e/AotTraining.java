package io.deviceregistry.bootstrap.e2e;

import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Lets the packaged service work for some seconds, with a database and a Bunce, and keeps in the working directory what
 * its JVM learned meanwhile. A step of the build.
 */
public final class AotTraining {
    private static final int CUSTOMERS = 100;

    private AotTraining() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path cache = ServiceProcess.AOT_CACHE.getFileName();
        Files.deleteIfExists(cache);
        try (Deployment deployment = new Deployment().with("JAVA_OPTS", "-XX:AOTCacheOutput=" + cache)) {
            work(deployment.start().url());
            // The JVM writes the cache when it ends.
            deployment.lastReplica().handle().destroy();
            deployment.lastReplica().awaitEnd();
            if (!Files.isRegularFile(cache)) {
                System.err.println(deployment.log());
                System.exit(1);
            }
        }
    }

    private static void work(URI service) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int customer = 0; customer < CUSTOMERS; customer++) {
                URI devices = URI.create(service + "/v1/customers/trained-" + customer + "/devices");
                String device = "{\"device_type\":\"ios\",\"device_token\":\"trained-token-%d\"}".formatted(customer);
                send(http, request(devices).POST(BodyPublishers.ofString("{\"devices\":[" + device + "]}")), 201);
                send(http, request(devices), 200);
            }
            send(http, request(URI.create(service + "/q/metrics")), 200);
        }
    }

    private static HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri)
                .header("X-Authorization", Deployment.API_KEY)
                .header("Content-Type", "application/json");
    }

    private static void send(HttpClient http, HttpRequest.Builder request, int expected)
            throws IOException, InterruptedException {
        int status = http.send(request.build(), BodyHandlers.discarding()).statusCode();
        if (status != expected) {
            throw new IllegalStateException("Answered with " + status);
        }
    }
}
