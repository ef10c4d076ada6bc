package io.deviceregistry.bootstrap.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tells to which replica the next request goes, as a load balancer does: to each in turn, but to none that was not ready
 * when it was asked last. It knows nothing else of them.
 */
final class Balancer implements AutoCloseable {
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(100);

    private final ScheduledExecutorService prober = Executors.newSingleThreadScheduledExecutor();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(1))
            .build();
    private final List<URI> replicas = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile List<URI> ready = List.of();

    Balancer() {
        Future<?> _ = prober.scheduleWithFixedDelay(this::probe, 0, BETWEEN_PROBES.toMillis(), TimeUnit.MILLISECONDS);
    }

    void add(URI replica) {
        replicas.add(replica);
    }

    boolean isInRotation(URI replica) {
        return ready.contains(replica);
    }

    URI next() {
        List<URI> now = ready;
        if (now.isEmpty()) {
            throw new IllegalStateException("No replica is ready");
        }
        return now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
    }

    private void probe() {
        ready = replicas.stream().filter(this::isReady).toList();
    }

    private boolean isReady(URI replica) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(replica + "/q/health/ready"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException gone) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        prober.shutdownNow();
    }
}
