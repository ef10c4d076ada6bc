package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import io.deviceregistry.sandbox.bunce.Behaviour;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What is lost, and what is kept waiting, when a replica is told to end: nothing. */
@Order(2)
class GracefulStopIT {
    private static final String DELAY = "QUARKUS_SHUTDOWN_DELAY";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void given_requests_under_way_when_told_to_stop_then_it_is_unready_first_and_every_request_is_answered()
            throws Exception {
        try (Deployment deployment = new Deployment()
                        .with(DELAY, "1S")
                        // Neither is what this test is about, and a busy machine takes its time.
                        .with("QUARKUS_DATASOURCE_JDBC_NEW_CONNECTION_SQL", "set lock_timeout = '20s'")
                        .with("QUARKUS_SHUTDOWN_TIMEOUT", "20S");
                Connection lock = deployment.connect();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            RegistryClient registry = deployment.start();
            lock.setAutoCommit(false);
            execute(lock, "lock table device in exclusive mode");
            List<Future<Answer>> underWay = IntStream.range(0, 5)
                    .mapToObj(
                            number -> callers.submit(() -> registry.register("waits-" + number, "ios", "w-" + number)))
                    .toList();
            await().atMost(PATIENCE).until(() -> waitingForLocks(deployment) >= underWay.size());

            Future<Boolean> unreadyBeforeRefusal = callers.submit(() -> wasUnreadyBeforeItRefused(registry.url()));
            stop(deployment.lastReplica());
            await().pollInterval(Duration.ofMillis(25)).atMost(PATIENCE).until(() -> readiness(registry.url()) == 503);
            assertThat(registry.list("anybody").header("Connection")).isEqualTo("close");
            // The delay is over when the server says so; only those requests keep it from ending then.
            await().atMost(PATIENCE).until(() -> deployment.log().contains("Waiting for HTTP requests to complete"));
            lock.rollback();

            for (Future<Answer> answer : underWay) {
                assertThat(answer.get().status()).isEqualTo(201);
            }
            assertEndsWell(deployment.lastReplica());
            assertThat(unreadyBeforeRefusal.get()).isTrue();
            assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> readiness(registry.url()));
            assertNothingFailed(deployment);
        }
    }

    @Test
    void given_a_call_to_a_provider_under_way_when_told_to_stop_then_it_is_settled_and_no_lease_is_left()
            throws Exception {
        try (Deployment deployment = new Deployment()) {
            RegistryClient registry = deployment.start();
            slowDown(deployment, Duration.ofSeconds(2));
            registry.register("settled", "ios", "settled-token");
            await().atMost(PATIENCE)
                    .until(() -> deployment.bunceRequests("settled").size() == 1);

            stop(deployment.lastReplica());

            assertEndsWell(deployment.lastReplica());
            assertThat(count(deployment, "state = 'SYNCED' and lease is null and attempts = 1"))
                    .isOne();
            assertThat(count(deployment, "unconfirmed_attempts > 0 or lease is not null"))
                    .isZero();
            assertNothingFailed(deployment);
        }
    }

    @Test
    void given_a_comparison_under_way_when_told_to_stop_then_it_is_finished_and_no_lease_is_left() throws Exception {
        try (Deployment deployment = new Deployment().with("REGISTRY_SYNC_COMPARISON_PACE", "1S")) {
            RegistryClient registry = deployment.start();
            Answer answer = registry.register("compared", "ios", "compared-token");
            registry.awaitSync("compared", answer.deviceId(), "SYNCED");
            slowDown(deployment, Duration.ofSeconds(2));
            int before = deployment.bunceRequests("compared").size();
            await().atMost(PATIENCE)
                    .until(() -> deployment.bunceRequests("compared").size() > before);

            stop(deployment.lastReplica());

            assertEndsWell(deployment.lastReplica());
            assertThat(count(deployment, "compared_by is not null or lease_until is not null"))
                    .isZero();
            assertNothingFailed(deployment);
        }
    }

    @Test
    void given_many_calls_to_come_when_told_to_stop_then_what_was_not_sent_is_given_back_at_once() throws Exception {
        try (Deployment deployment =
                new Deployment().with("REGISTRY_BUNCE_DEVICES_PER_REQUEST", "1").with("REGISTRY_SYNC_WORKERS", "1")) {
            RegistryClient registry = deployment.start();
            slowDown(deployment, Duration.ofSeconds(1));
            String[] devices = IntStream.range(0, 30)
                    .boxed()
                    .flatMap(number -> List.of("ios", "many-token-" + number).stream())
                    .toArray(String[]::new);
            registry.register("many", devices);
            await().atMost(PATIENCE)
                    .until(() -> !deployment.bunceRequests("many").isEmpty());

            stop(deployment.lastReplica());

            assertEndsWell(deployment.lastReplica());
            int sent = deployment.bunceRequests("many").size();
            assertThat(sent).isLessThan(10);
            assertThat(count(deployment, "state = 'SYNCED' and lease is null and attempts = 1"))
                    .isEqualTo(sent);
            assertThat(count(
                            deployment,
                            "state = 'PENDING' and lease is null and attempts = 0 and unconfirmed_attempts = 0"
                                    + " and due_at <= now()"))
                    .isEqualTo(30 - sent);
            assertNothingFailed(deployment);
        }
    }

    @Test
    void given_load_behind_a_balancer_when_all_replicas_are_restarted_in_turn_then_no_request_is_lost()
            throws Exception {
        try (Deployment deployment = new Deployment().with(DELAY, "2S");
                Balancer balancer = new Balancer();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<ServiceProcess> old = List.of(deployment.launch(), deployment.launch());
            for (ServiceProcess replica : old) {
                addReady(deployment, replica, balancer);
            }
            AtomicBoolean enough = new AtomicBoolean();
            Map<String, String> devices = new ConcurrentHashMap<>();
            Queue<String> lost = new ConcurrentLinkedQueue<>();
            List<Future<?>> load = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                String name = "rolling-" + caller + "-";
                load.add(callers.submit(() -> registerUntil(enough, name, balancer, devices, lost)));
            }

            for (ServiceProcess replica : old) {
                int before = devices.size();
                await().atMost(PATIENCE).until(() -> devices.size() > before + 20);
                stop(replica);
                assertEndsWell(replica);
                addReady(deployment, deployment.launch(), balancer);
            }
            int before = devices.size();
            await().atMost(PATIENCE).until(() -> devices.size() > before + 20);
            enough.set(true);
            for (Future<?> one : load) {
                one.get();
            }

            assertThat(lost).isEmpty();
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(count(deployment, "state = 'SYNCED'")).isEqualTo(devices.size()));
            assertThat(count(deployment, "unconfirmed_attempts > 0 or attempts <> 1 or lease is not null"))
                    .isZero();
            assertThat(deployment.told(devices.keySet().toArray(String[]::new)))
                    .containsExactlyInAnyOrderElementsOf(devices.entrySet().stream()
                            .map(one -> one.getKey() + " + " + one.getValue())
                            .toList());
            assertNothingFailed(deployment);
        }
    }

    private static void addReady(Deployment deployment, ServiceProcess replica, Balancer balancer) {
        RegistryClient ready = deployment.ready(replica);
        balancer.add(ready.url());
        await().atMost(PATIENCE).until(() -> balancer.isInRotation(ready.url()));
    }

    /** Each request once, as callers do who were promised that they need no second try. */
    private static void registerUntil(
            AtomicBoolean enough, String name, Balancer balancer, Map<String, String> devices, Queue<String> lost) {
        Map<URI, RegistryClient> clients = new HashMap<>();
        for (int number = 0; !enough.get(); number++) {
            String customer = name + number;
            URI replica = balancer.next();
            try {
                Answer answer = clients.computeIfAbsent(replica, url -> new RegistryClient(url, Deployment.API_KEY))
                        .register(customer, "ios", "token-of-" + customer);
                if (answer.status() == 201) {
                    devices.put(customer, "token-of-" + customer);
                } else {
                    lost.add(customer + " at " + replica + ": " + answer);
                }
            } catch (IOException | InterruptedException e) {
                lost.add(customer + " at " + replica + ": " + e);
            }
        }
    }

    /** With SIGTERM, as whatever supervises a replica does. */
    private static void stop(ServiceProcess replica) {
        replica.handle().destroy();
    }

    /** Long before a supervisor would lose patience, which is half a minute at the usual one. */
    private static void assertEndsWell(ServiceProcess replica) throws Exception {
        replica.handle().onExit().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(replica.awaitEnd()).isIn(0, 143);
    }

    private static void assertNothingFailed(Deployment deployment) {
        assertThat(deployment.log().lines())
                .extracting(Deployment::json)
                .noneMatch(entry -> entry.path("level").asText().equals("ERROR"));
    }

    /** By callers who come for the first time, each on a connection of its own. */
    private static boolean wasUnreadyBeforeItRefused(URI url) throws InterruptedException {
        boolean unready = false;
        try {
            while (true) {
                unready |= readiness(url) == 503;
                if (new RegistryClient(url, Deployment.API_KEY).list("anybody").status() == 503) {
                    return unready;
                }
            }
        } catch (IOException refused) {
            return unready;
        }
    }

    private static int readiness(URI url) throws IOException, InterruptedException {
        RegistryClient stranger = new RegistryClient(url, "");
        return stranger.send(stranger.request("/q/health/ready")).status();
    }

    private static void slowDown(Deployment deployment, Duration delay) {
        deployment.bunce().behave(Behaviour.normal().withRequestsPerMinute(0).withDelay(delay));
    }

    private static long waitingForLocks(Deployment deployment) throws SQLException {
        return number(deployment, """
                select count(*) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'""");
    }

    private static long count(Deployment deployment, String rows) throws SQLException {
        return number(deployment, "select count(*) from device_sync where " + rows);
    }

    private static long number(Deployment deployment, String query) throws SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
