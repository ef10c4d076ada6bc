package io.deviceregistry.bootstrap.e2e;

import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ./registry start-time [N]}: how long it takes from the start of the process to its first registration, on a
 * database that was migrated before, with the ahead-of-time cache and without; by turns, since a machine has moods.
 *
 * @param with the cache
 */
public record StartTimes(List<Duration> with, List<Duration> without) {
    private static final int DEFAULT_STARTS = 7;
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(5);

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int starts = arguments.length == 0 ? DEFAULT_STARTS : Integer.parseInt(arguments[0]);
        StartTimes times = measure(starts);
        System.out.printf(
                "with the cache:    %s, median %d ms%n",
                millis(times.with), times.medianWith().toMillis());
        System.out.printf(
                "without the cache: %s, median %d ms%n",
                millis(times.without), times.medianWithout().toMillis());
        System.out.printf(
                "ratio of the medians: %.2f%n",
                (double) times.medianWithout().toMillis() / times.medianWith().toMillis());
    }

    /** @param starts of each kind */
    public static StartTimes measure(int starts) throws IOException, InterruptedException {
        List<Duration> with = new ArrayList<>();
        List<Duration> without = new ArrayList<>();
        try (Deployment deployment = new Deployment()) {
            // Migrates, and lets the system read the files once.
            measure(deployment, "");
            for (int i = 0; i < starts; i++) {
                with.add(measure(deployment, ""));
                without.add(measure(deployment, "-XX:AOTMode=off"));
            }
        }
        return new StartTimes(with, without);
    }

    public Duration medianWith() {
        return median(with);
    }

    public Duration medianWithout() {
        return median(without);
    }

    private static Duration measure(Deployment deployment, String options) throws IOException, InterruptedException {
        deployment.with("JAVA_OPTS", options);
        long start = System.nanoTime();
        try (ServiceProcess service = deployment.launch();
                HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(service.url() + "/v1/customers/first/devices"))
                    .header("X-Authorization", Deployment.API_KEY)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(
                            "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"start-%d\"}]}".formatted(start)))
                    .build();
            while (!isRegistered(http, request)) {
                Thread.sleep(BETWEEN_TRIES);
            }
            return Duration.ofNanos(System.nanoTime() - start);
        }
    }

    private static boolean isRegistered(HttpClient http, HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 201;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static List<Long> millis(List<Duration> durations) {
        return durations.stream().map(Duration::toMillis).toList();
    }

    private static Duration median(List<Duration> durations) {
        return durations.stream()
                .sorted()
                .skip(durations.size() / 2)
                .findFirst()
                .orElseThrow();
    }
}
