package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import io.deviceregistry.sandbox.bunce.RecordedRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The short form of the fault suite; {@code ./registry chaos} is the long one. */
@Isolated("What is held is held for some seconds only, in which other processes must get on")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ChaosIT {
    @Test
    void a_kill_at_every_point_of_a_round_loses_nothing_and_repeats_only_what_is_recorded_as_unconfirmed()
            throws Exception {
        List<Point> points = List.of(Point.values());
        int half = points.size() / 2;
        // Leases are waited for most of the time, so two deployments get along.
        try (ExecutorService halves = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<?> done : halves.invokeAll(List.of(
                    () -> killAtEach(points.subList(0, half)),
                    () -> killAtEach(points.subList(half, points.size()))))) {
                done.get();
            }
        }
    }

    private static @Nullable Void killAtEach(List<Point> points)
            throws IOException, InterruptedException, SQLException {
        try (Deployment deployment = ChaosRun.briskly(new Deployment());
                Wire wire = new Wire(deployment.bunce().baseUrl().getPort())) {
            deployment.with("REGISTRY_BUNCE_BASE_URL", "http://127.0.0.1:%d/v1".formatted(wire.port()));
            RegistryClient registry = deployment.start();
            for (Point point : points) {
                String customer = "killed-" + point;
                String device;
                try (Hold hold = Hold.at(point, deployment, wire)) {
                    device =
                            registry.register(customer, "ios", "token-" + point).deviceId();
                    hold.awaitReached();
                    deployment.lastReplica().kill();
                }
                registry = deployment.start();
                awaitSynced(registry, customer, device);

                assertThat(creations(deployment, customer))
                        .as("created, killed %s", point)
                        .isEqualTo(1);
                assertThat(registry.sync(customer, device)
                                .path("unconfirmed_attempts")
                                .asInt())
                        .as("unconfirmed, killed %s", point)
                        .isPositive();
            }
        }
        return null;
    }

    @Test
    void a_replica_that_wakes_up_after_its_lease_changes_nothing_that_another_settled(@TempDir Path directory)
            throws Exception {
        try (Deployment deployment = ChaosRun.briskly(new Deployment());
                Wire wire = new Wire(deployment.bunce().baseUrl().getPort())) {
            deployment.with("REGISTRY_BUNCE_BASE_URL", "http://127.0.0.1:%d/v1".formatted(wire.port()));
            ServiceProcess sleeper = deployment.launch();
            RegistryClient registry = deployment.ready(sleeper);
            String device;
            try (Hold hold = Hold.at(Point.AWAITING_ANSWER, deployment, wire)) {
                device = registry.register("frozen", "ios", "token-frozen").deviceId();
                hold.awaitReached();
                sleeper.freeze();
            }
            try {
                // An hour slow, which changes nothing: leases are measured by the database's clock.
                RegistryClient other = deployment.ready(ChaosRun.launchWithSlowClock(deployment, directory));
                awaitSynced(other, "frozen", device);
                JsonNode settled = other.sync("frozen", device);

                sleeper.thaw();

                // It works on something else by now, so it has settled what it had.
                String next = registry.register("thawed", "ios", "token-thawed").deviceId();
                awaitSynced(registry, "thawed", next);
                assertThat(other.sync("frozen", device)).isEqualTo(settled);
                assertThat(creations(deployment, "frozen")).isEqualTo(1);
            } finally {
                sleeper.thaw();
            }
        }
    }

    @Test
    void under_load_and_faults_of_every_kind_nothing_is_lost_and_every_duplicate_is_explained() throws Exception {
        try (ChaosRun run = new ChaosRun(new ChaosRun.Settings(3, 1_200, 1, 2, 4, 300), ChaosIT::tell)) {
            ChaosReport report = run.run();

            System.out.println(report.markdown());
            assertThat(report.faults())
                    .as("faults, after %n%s", report.markdown())
                    .isEmpty();
        }
    }

    private static void tell(String line) {
        System.out.println(line);
    }

    private static void awaitSynced(RegistryClient registry, String customer, String device) {
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(
                                registry.sync(customer, device).path("state").asText())
                        .isEqualTo("SYNCED"));
    }

    private static long creations(Deployment deployment, String customer) {
        return deployment.bunceRequests(customer).stream()
                .map(RecordedRequest::method)
                .filter("POST"::equals)
                .count();
    }
}
