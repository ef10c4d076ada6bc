package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.db.LocalPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The primary of the database is lost, and a standby takes its place, with the settings that OPERATIONS.md asks for. */
@Order(11)
class FailoverIT {
    private static final String SYNCHRONOUS_STANDBY_NAMES = "ANY 1 (standby_a, standby_b)";
    private static final int CALLERS = 8;
    private static final int SEED = 1;

    /** Beyond what is being sent at once, so that callers do not run out of it. */
    private static final int AHEAD = 200;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @Test
    void
            given_a_synchronous_standby_when_the_primary_is_lost_then_what_was_acknowledged_is_there_and_the_service_goes_on()
                    throws Exception {
        try (LocalPostgres primary = LocalPostgres.persistent(folder.resolve("primary"));
                LocalPostgres standby = LocalPostgres.standby(primary, "standby_a", folder.resolve("standby"));
                Deployment deployment = new Deployment(primary, url(primary, standby), null)) {
            primary.set("synchronous_standby_names", SYNCHRONOUS_STANDBY_NAMES);
            awaitSynchronous(primary);
            RegistryClient registry = deployment.start();
            Load load = new Load(() -> List.of(registry.url()), () -> false, CALLERS, SEED);
            Follower follower = new Follower(registry);
            load.start();
            follower.start();
            awaitRegistrations(load, 300);

            standby.crash();
            load.awaitSilence(Duration.ofSeconds(2), PATIENCE);
            standby.restart();
            awaitRegistrations(load, 300);

            primary.kill();
            standby.promote();
            awaitRegistrations(load, 300);
            load.finish();

            List<String> active = load.known().stream()
                    .filter(KnownDevice::isActive)
                    .map(device -> "%s %s %s".formatted(device.id(), device.customer(), device.token()))
                    .toList();
            assertThat(load.faults()).isEmpty();
            assertThat(active).hasSizeGreaterThan(600);
            assertThat(exported(registry)).containsAll(active);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(follower.registered())
                            .containsAll(
                                    load.known().stream().map(KnownDevice::id).toList()));
            follower.stop();
            assertThat(follower.faults()).isEmpty();
            assertThat(follower.told()).doesNotHaveDuplicates();
            assertThat(deployment.log()).doesNotContain("The database was restored, recovered or promoted");

            // Whoever starts now finds that the timeline is another one.
            RegistryClient started = deployment.start();
            assertThat(deployment.log()).contains("The database was restored, recovered or promoted");
            String device = started.register("after-the-failover", "ios", "after-the-failover")
                    .deviceId();
            started.awaitSync("after-the-failover", device, "SYNCED");
            assertThat(started.get("/v1/changes?wait=10&after=" + follower.cursor())
                            .json()
                            .path("changes"))
                    .singleElement()
                    .returns(device, change -> change.path("device_id").asText());
        }
    }

    private static String url(LocalPostgres primary, LocalPostgres standby) {
        return "jdbc:postgresql://localhost:%d,localhost:%d/registry?targetServerType=primary"
                .formatted(primary.port(), standby.port());
    }

    private static void awaitSynchronous(LocalPostgres primary) {
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(SQLException.class).untilAsserted(() -> {
            try (Connection connection = DriverManager.getConnection(primary.jdbcUrl(), primary.superuser(), "");
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "select string_agg(sync_state, ',') from pg_stat_replication where state = 'streaming'")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("quorum");
            }
        });
    }

    /** Of so many more devices. */
    private static void awaitRegistrations(Load load, int number) {
        long enough = load.registered() + number;
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            // A caller whom somebody told of a device that is lost would repeat itself for ever.
            assertThat(load.faults()).isEmpty();
            if (load.allowed() - load.registered() < AHEAD) {
                load.allow(AHEAD);
            }
            return load.registered() >= enough;
        });
    }

    /** All active devices: id, customer, token. */
    private static Set<String> exported(RegistryClient registry) throws IOException, InterruptedException {
        Answer export = registry.get("/v1/exports/devices");
        assertThat(export.status()).as(export.body()).isEqualTo(200);
        return export.body()
                .lines()
                .map(Deployment::json)
                .map(device -> "%s %s %s"
                        .formatted(
                                device.path("device_id").asText(),
                                device.path("customer_id").asText(),
                                device.path("device_token").asText()))
                .collect(Collectors.toSet());
    }

    /** One who follows the changes, whatever becomes of the database. */
    private static final class Follower {
        private final RegistryClient registry;
        private final List<String> told = new ArrayList<>();
        private final List<String> registered = new ArrayList<>();
        private final List<String> faults = new ArrayList<>();
        private Thread thread = new Thread();
        private String cursor = "";
        private boolean stopped;

        Follower(RegistryClient registry) {
            this.registry = registry;
        }

        void start() {
            thread = Thread.ofVirtual().start(() -> {
                while (!isStopped()) {
                    follow();
                }
            });
        }

        private void follow() {
            try {
                Answer answer = registry.get(
                        "/v1/changes?wait=1&limit=1000" + (cursor().isEmpty() ? "" : "&after=" + cursor()));
                if (answer.status() == 200) {
                    note(answer);
                } else if (answer.status() != 503) {
                    note("%d %s".formatted(answer.status(), answer.body()));
                }
            } catch (IOException e) {
                note(e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void note(Answer answer) {
            answer.json().path("changes").forEach(change -> {
                told.add(change.path("device_id").asText() + " "
                        + change.path("version").asText());
                if (change.path("kind").asText().equals("REGISTERED")) {
                    registered.add(change.path("device_id").asText());
                }
            });
            cursor = answer.text("/next");
        }

        private synchronized void note(String fault) {
            faults.add(fault);
        }

        /** Answers that nobody who follows should get. */
        synchronized List<String> faults() {
            return List.copyOf(faults);
        }

        synchronized List<String> registered() {
            return List.copyOf(registered);
        }

        /** Each change, by device and version. */
        synchronized List<String> told() {
            return List.copyOf(told);
        }

        synchronized String cursor() {
            return cursor;
        }

        private synchronized boolean isStopped() {
            return stopped;
        }

        void stop() throws InterruptedException {
            synchronized (this) {
                stopped = true;
            }
            thread.join();
        }
    }
}
