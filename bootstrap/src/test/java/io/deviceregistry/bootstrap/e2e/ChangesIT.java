package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Following the changes over HTTP. */
class ChangesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        // Two requests may wait.
        deployment = new Deployment().with("REGISTRY_MAX_CONCURRENT_REQUESTS", "10");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private final String customer = "customer-" + UUID.randomUUID();
    private final String token = "token-" + UUID.randomUUID();

    private static String now() throws IOException, InterruptedException {
        Answer answer = registry.get("/v1/changes?after=now");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.text("/next");
    }

    /** Page by page, until there are as many. */
    private static List<JsonNode> follow(String after, int number) {
        List<JsonNode> changes = new ArrayList<>();
        String[] next = {after};
        await().atMost(PATIENCE).until(() -> {
            Answer page = registry.get("/v1/changes?limit=2&wait=1&after=" + next[0]);
            assertThat(page.status()).as(page.body()).isEqualTo(200);
            assertThat(page.json().path("changes").size()).isLessThanOrEqualTo(2);
            page.json().path("changes").forEach(changes::add);
            next[0] = page.text("/next");
            return changes.size() >= number;
        });
        return changes;
    }

    @Test
    void each_change_is_told_once_and_in_order_with_who_made_it() throws Exception {
        String shopKey = registry.post("/v1/api-keys", """
                        {"caller":"shop","scopes":["devices:write"]}""").text("/key");
        RegistryClient shop = new RegistryClient(registry.url(), shopKey);
        String before = now();
        String device = shop.register(customer, "ios", token).deviceId();
        shop.register(customer, "ios", token);
        shop.patch(RegistryClient.path(customer, device), "{\"device_token\":\"next-" + token + "\"}");
        registry.delete(RegistryClient.path(customer, device));
        registry.register(customer, "android", "other-" + token);
        registry.delete("/v1/customers/" + customer);

        List<JsonNode> changes = follow(before, 6);

        assertThat(changes)
                .extracting(change -> change.path("kind").asText() + " "
                        + change.path("version").asText() + " "
                        + change.path("caller").asText())
                .startsWith("REGISTERED 1 shop", "CHANGED 2 shop", "REMOVED 3 bootstrap", "REGISTERED 1 bootstrap")
                .contains("ERASED 4 bootstrap", "ERASED 2 bootstrap")
                .hasSize(6);
        assertThat(changes).allSatisfy(change -> {
            assertThat(change.path("customer_id").asText()).isEqualTo(customer);
            assertThat(Instant.parse(change.path("changed_at").asText()))
                    .isAfter(Instant.now().minus(Duration.ofHours(1)));
        });
        assertThat(changes.getFirst().path("device_id").asText()).isEqualTo(device);
    }

    @Test
    void without_a_cursor_all_that_is_kept_is_told_and_an_answer_without_changes_has_a_cursor_too() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();

        List<String> devices = new ArrayList<>();
        Answer page = registry.get("/v1/changes?limit=1000");
        for (; !page.json().path("changes").isEmpty(); page = registry.get("/v1/changes?after=" + page.text("/next"))) {
            page.json()
                    .path("changes")
                    .forEach(change -> devices.add(change.path("device_id").asText()));
        }

        assertThat(devices).contains(device);
        assertThat(page.text("/next")).isNotEmpty();
        assertThat(registry.get("/v1/changes?after=" + page.text("/next")).json())
                .isEqualTo(page.json());
    }

    @Test
    void who_waits_is_told_of_a_change_when_it_comes_and_of_none_when_the_time_is_up() throws Exception {
        String before = now();
        assertThat(registry.get("/v1/changes?wait=1&after=" + before).json())
                .isEqualTo(Deployment.json("{\"changes\":[],\"next\":\"" + before + "\"}"));
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> waiting = callers.submit(() -> registry.get("/v1/changes?wait=25&after=now"));
            Future<Answer> alsoWaiting = callers.submit(() -> registry.get("/v1/changes?wait=25&after=" + before));
            // Whoever comes then is one too many.
            await().atMost(PATIENCE)
                    .until(() ->
                            registry.get("/v1/changes?wait=1&after=" + before).status() == 503);
            Answer refused = registry.get("/v1/changes?wait=1&after=" + before);
            assertProblem(refused, 503, "OVERLOADED");
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(registry.get("/v1/changes?after=" + before).status()).isEqualTo(200);

            long begin = System.nanoTime();
            String device = registry.register(customer, "ios", token).deviceId();

            assertThat(waiting.get(20, TimeUnit.SECONDS).text("/changes/0/device_id"))
                    .isEqualTo(device);
            assertThat(alsoWaiting.get(20, TimeUnit.SECONDS).text("/changes/0/device_id"))
                    .isEqualTo(device);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "after=x | after",
                "after= | after",
                "after=ZDAxOGM3NzM3LTBhYjItNzhmNy1iYTc1LTE3MTBkZDhmZTYzMQ | after",
                "after=now&after=now | after",
                "limit=0&wait=31 | limit,wait",
                "limit=1001&wait=-1 | limit,wait",
                "wait=1.5&cursor=now | wait,cursor"
            })
    void parameters_that_make_no_sense_are_refused_by_their_names(String query, String parameters) throws Exception {
        assertThat(faults(registry.get("/v1/changes?" + query))).containsExactlyInAnyOrder(parameters.split(","));
    }

    @Test
    void a_cursor_of_another_database_or_from_before_what_is_kept_is_refused_with_what_to_do() throws Exception {
        String[] parts = new String(Base64.getUrlDecoder().decode(now()), StandardCharsets.US_ASCII).split(":", -1);
        Answer stranger = registry.get("/v1/changes?after=" + cursor("f" + UUID.randomUUID() + ":1:1"));
        assertProblem(stranger, 410, "CHANGES_GONE");

        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("insert into change_horizon (generation, xid, seq) values (1, '3', 7)");
        }
        Answer old = registry.get("/v1/changes?after=" + cursor(parts[0] + ":3:6"));

        assertProblem(old, 410, "CHANGES_GONE");
        assertThat(old.text("/detail")).contains("age", "read all devices anew");
        assertThat(registry.get("/v1/changes?after=" + cursor(parts[0] + ":3:7"))
                        .status())
                .isEqualTo(200);
    }

    private static String cursor(String position) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(position.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void who_waits_when_the_replica_is_told_to_stop_is_answered_at_once() throws Exception {
        try (Deployment stopping = new Deployment().with("QUARKUS_SHUTDOWN_DELAY", "1S");
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            RegistryClient replica = stopping.start();
            List<Future<Answer>> waiting = IntStream.range(0, 5)
                    .mapToObj(_ -> callers.submit(() -> replica.get("/v1/changes?wait=30")))
                    .toList();
            await().atMost(PATIENCE)
                    .until(() -> replica.send(replica.request("/q/metrics"))
                            .body()
                            .lines()
                            .anyMatch(line -> line.startsWith("http_server_active_requests") && line.endsWith(" 6.0")));
            long begin = System.nanoTime();

            stopping.lastReplica().handle().destroy();

            for (Future<Answer> one : waiting) {
                assertThat(one.get(20, TimeUnit.SECONDS).json().path("changes")).isEmpty();
            }
            stopping.lastReplica().handle().onExit().get(20, TimeUnit.SECONDS);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
        }
    }
}
