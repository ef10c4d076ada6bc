package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static io.deviceregistry.bootstrap.e2e.RegistryClient.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import io.deviceregistry.sandbox.bunce.Behaviour;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that is repeated with its {@code Idempotency-Key} takes effect once, whatever happens in between. */
@Order(4)
class IdempotencyIT {
    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment();
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private final String key = UUID.randomUUID().toString();
    private final String customer = "customer-" + key;
    private final String token = "token-" + key;

    private Answer send(String path, String body) throws IOException, InterruptedException {
        return registry.post(path, body, "Idempotency-Key", key);
    }

    private static void assertReplay(Answer repeated, Answer first) {
        assertThat(repeated.status()).isEqualTo(first.status());
        assertThat(repeated.body()).isEqualTo(first.body());
        assertThat(repeated.contentType()).isEqualTo(first.contentType());
        assertThat(first.header("Idempotency-Replayed")).isEmpty();
        assertThat(repeated.header("Idempotency-Replayed")).isEqualTo("true");
    }

    private static String devices(String customer) {
        return "/v1/customers/" + customer + "/devices";
    }

    private static String registration(String token) {
        return "{\"devices\":[{\"device_type\":\"web\",\"device_token\":\"" + token + "\"}]}";
    }

    /** The POSTs that write customers or devices, each with a body for customer {@code C} and token {@code T}. */
    enum Write {
        REGISTER("/v1/customers/C/devices", "{'devices':[{'device_type':'web','device_token':'T'}]}"),
        REMOVE("/v1/customers/C/devices:remove", "{'device_token':'T'}"),
        CREATE("/v1/customers", "{'customer_id':'C','first_name':'Jo','devices':[%s]}"),
        CREATE_MANY("/v1/customers/bulk", "{'customers':[{'customer_id':'C','first_name':'Jo','devices':[%s]}]}"),
        BATCH("/v1/devices:batch", "{'items':[{'customer_id':'C','device_type':'web','device_token':'T'}]}"),
        REPORT("/v1/devices:report-invalid", "{'reports':[{'device_token':'T'}]}");

        private final String path;
        private final String body;

        Write(String path, String body) {
            this.path = path;
            this.body = body.formatted("{'device_type':'web','device_token':'T'}");
        }

        private String path(String customer) {
            return path.replace("C", customer);
        }

        private String body(String customer, String token) {
            return body.replace('\'', '"')
                    .replace("\"C\"", '"' + customer + '"')
                    .replace("\"T\"", '"' + token + '"');
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_happened_since_is_not_undone_by_a_repetition(Write write) throws Exception {
        String device = registry.post(
                        devices(customer), """
                        {"devices":[{"device_type":"web","device_token":"%s","observed_at":"%s"}]}""".formatted(token, Instant.now().minus(Duration.ofMinutes(2))))
                .deviceId();
        Answer first = send(write.path(customer), write.body(customer, token));
        assertThat(first.status()).isBetween(200, 204);
        // All of these writes can be told from their repetition: it would bring the device back, or take it away.
        boolean removes = write == Write.REMOVE || write == Write.REPORT;
        if (removes) {
            registry.register(customer, "web", token);
        } else {
            registry.delete(path(customer, device));
        }
        String before = registry.device(customer, device).body();

        Answer repeated = send(write.path(customer), write.body(customer, token));

        assertReplay(repeated, first);
        Answer after = registry.device(customer, device);
        assertThat(after.text("/status")).isEqualTo(removes ? "ACTIVE" : "REMOVED");
        assertThat(after.body()).isEqualTo(before);
    }

    @Test
    void a_device_that_parked_again_since_is_not_tried_again_by_a_repetition() throws Exception {
        deployment
                .bunce()
                .behave(Behaviour.normal()
                        .withRequestsPerMinute(0)
                        .withRefusal(new Behaviour.Refusal(null, 422, "no such address")));
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "PARKED");
        String body = "{\"customer_id\":\"" + customer + "\"}";
        Answer first = send("/v1/sync:replay", body);
        assertThat(first.json()).isEqualTo(Deployment.json("{\"replayed\":1}"));
        registry.awaitSync(customer, device, "PARKED");
        deployment.bunce().behave(Behaviour.normal().withRequestsPerMinute(0));

        Answer repeated = send("/v1/sync:replay", body);

        assertReplay(repeated, first);
        assertThat(registry.sync(customer, device).path("state").asText()).isEqualTo("PARKED");
    }

    @Test
    void a_replay_of_thousands_is_done_in_steps_and_all_of_them_are_answered_once() throws Exception {
        registry.post("/v1/sync:pause", "{\"provider\":\"bunce\"}");
        parkThousands();
        String body = "{\"customer_id\":\"" + customer + "\",\"reason\":\"UNREADABLE\"}";

        Answer first = send("/v1/sync:replay", body);
        parkThousands();
        Answer repeated = send("/v1/sync:replay", body);
        Answer withoutKey = registry.post("/v1/sync:replay", body);

        assertThat(first.json()).isEqualTo(Deployment.json("{\"replayed\":2500}"));
        assertReplay(repeated, first);
        assertThat(withoutKey.json()).isEqualTo(first.json());
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("delete from device where customer_id = '" + customer + "'");
        }
        registry.post("/v1/sync:resume", "{\"provider\":\"bunce\"}");
    }

    private void parkThousands() throws SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    insert into customer (id) values ('%1$s') on conflict do nothing;
                    insert into device (id, customer_id, token_hash, token_cipher, device_type)
                    select md5('%1$s' || n)::uuid, '%1$s', sha256(convert_to('%1$s' || n, 'UTF8')), '', 'ios'
                      from generate_series(1, 2500) n
                    on conflict do nothing;
                    insert into device_sync (device_id, provider, customer_id, desired_version, state, reason, due_at)
                    select id, 'bunce', customer_id, 1, 'PARKED', 'UNREADABLE', null
                      from device where customer_id = '%1$s'
                    on conflict (device_id, provider) do update set state = 'PARKED', reason = 'UNREADABLE', due_at = null
                    """.formatted(customer));
        }
    }

    @Test
    void a_first_answer_of_201_is_repeated_though_nothing_is_created_any_more() throws Exception {
        Answer first = send(devices(customer), registration(token));

        Answer repeated = send(devices(customer), registration(token));
        Answer withoutKey = registry.post(devices(customer), registration(token));

        assertThat(first.status()).isEqualTo(201);
        assertReplay(repeated, first);
        assertThat(withoutKey.status()).isEqualTo(200);
        assertThat(withoutKey.header("Idempotency-Replayed")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_key_that_was_used_with_another_body_is_refused_and_nothing_is_done(Write write) throws Exception {
        send(write.path(customer), write.body(customer, token));
        String other = registry.register(customer, "web", "other-" + token).deviceId();
        String before = registry.list(customer).body();

        Answer refused = send(write.path(customer), write.body(customer, "other-" + token));

        assertThat(faults(refused, "IDEMPOTENCY_KEY_REUSED")).containsExactly("Idempotency-Key");
        assertThat(registry.list(customer).body()).isEqualTo(before);
        assertThat(registry.device(customer, other).text("/status")).isEqualTo("ACTIVE");
    }

    @Test
    void a_key_that_was_used_with_another_batch_is_refused_even_if_no_item_of_this_one_is_valid() throws Exception {
        send("/v1/devices:batch", Write.BATCH.body(customer, token));

        assertThat(faults(send("/v1/devices:batch", Write.BATCH.body("not valid", token)), "IDEMPOTENCY_KEY_REUSED"))
                .containsExactly("Idempotency-Key");
    }

    @Test
    void a_key_means_another_request_at_another_path() throws Exception {
        Answer first = send(devices(customer), registration(token));
        Answer elsewhere = send(devices("other-" + customer), registration("other-" + token));
        Answer created = send("/v1/customers", "{\"customer_id\":\"third-%s\"}".formatted(customer));
        Answer many = send("/v1/customers/bulk", "[{\"customer_id\":\"fourth-%s\"}]".formatted(customer));

        for (Answer answer : List.of(first, elsewhere, created, many)) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            assertThat(answer.header("Idempotency-Replayed")).isEmpty();
        }
    }

    @Test
    void a_path_is_the_same_however_it_is_encoded() throws Exception {
        Answer first = send(devices("at@" + customer), registration(token));

        assertReplay(send(devices("at%40" + customer), registration(token)), first);
    }

    @Test
    void a_key_may_stand_in_quotes_or_not_and_is_the_same() throws Exception {
        Answer bare = registry.post(devices(customer), registration(token), "Idempotency-Key", key);

        assertReplay(registry.post(devices(customer), registration(token), "Idempotency-Key", '"' + key + '"'), bare);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"\"", "\"unterminated", "two words", "a\"b", "\"a\", \"b\"", "300 characters"})
    void a_key_of_another_form_is_named_and_nothing_is_done(String malformed) throws Exception {
        String used = malformed.equals("300 characters") ? "x".repeat(300) : malformed;

        for (Write write : Write.values()) {
            assertThat(faults(
                            registry.post(write.path(customer), write.body(customer, token), "Idempotency-Key", used)))
                    .containsExactly("Idempotency-Key");
        }
        assertThat(registry.list(customer).json().path("devices")).isEmpty();
    }

    @Test
    void a_refused_request_is_not_remembered_so_it_can_be_mended() throws Exception {
        assertThat(faults(send(devices(customer), registration("")))).containsExactly("/devices/0/device_token");

        assertThat(send(devices(customer), registration(token)).status()).isEqualTo(201);
    }

    @Test
    void of_two_equal_requests_at_once_one_takes_effect_and_the_other_repeats_its_answer_or_is_told_to_wait()
            throws Exception {
        int pairs = 60;
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Answer>> calls = new ArrayList<>();
            for (int i = 0; i < 2 * pairs; i++) {
                String pair = customer + "-" + i / 2;
                calls.add(() -> registry.post(devices(pair), registration("token-" + pair), "Idempotency-Key", pair));
            }
            List<Future<Answer>> answers = callers.invokeAll(calls);

            for (int i = 0; i < pairs; i++) {
                List<Answer> pair =
                        List.of(answers.get(2 * i).get(), answers.get(2 * i + 1).get());
                List<Answer> done =
                        pair.stream().filter(answer -> answer.status() != 409).toList();
                assertThat(done).isNotEmpty().allSatisfy(answer -> {
                    assertThat(answer.status()).isEqualTo(201);
                    assertThat(answer.body()).isEqualTo(done.getFirst().body());
                });
                assertThat(done)
                        .filteredOn(
                                answer -> answer.header("Idempotency-Replayed").isEmpty())
                        .hasSize(1);
                for (Answer answer : pair) {
                    if (answer.status() == 409) {
                        assertProblem(answer, 409, "REQUEST_UNDER_WAY");
                    }
                }
                assertThat(registry.list(customer + "-" + i).json().path("devices"))
                        .hasSize(1);
            }
        }
    }

    @Test
    void after_kill_9_at_any_moment_the_repetition_gets_the_first_answer_and_finds_what_it_says() throws Exception {
        Map<String, Answer> answered = new ConcurrentHashMap<>();
        List<String> begun = sendUntilKilled(answered);
        registry = deployment.start();

        for (String one : begun) {
            Answer repeated = registry.post(devices(one), registration("token-" + one), "Idempotency-Key", one);
            // A 200 would be an effect whose answer was forgotten.
            assertThat(repeated.status()).isEqualTo(201);
            if (answered.containsKey(one)) {
                assertReplay(repeated, answered.get(one));
            }
            Answer list = registry.list(one);
            assertThat(list.json().path("devices")).hasSize(1);
            assertThat(list.deviceId()).isEqualTo(repeated.deviceId());
            assertThat(list.text("/devices/0/version")).isEqualTo("1");
        }
        assertThat(begun).hasSizeGreaterThan(answered.size());
    }

    /** @return all customers of whom something was sent */
    private List<String> sendUntilKilled(Map<String, Answer> answered) throws Exception {
        int enough = 20 + new Random().nextInt(100);
        ServiceProcess victim = deployment.lastReplica();
        RegistryClient caller = registry;
        List<String> begun = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
            List<Future<List<String>>> calling = IntStream.range(0, 8)
                    .mapToObj(number -> callers.submit(() -> {
                        List<String> mine = new ArrayList<>();
                        try {
                            for (int i = 0; ; i++) {
                                String one = "%s-%d-%d".formatted(customer, number, i);
                                mine.add(one);
                                answered.put(
                                        one,
                                        caller.post(
                                                devices(one), registration("token-" + one), "Idempotency-Key", one));
                            }
                        } catch (IOException killed) {
                            return mine;
                        }
                    }))
                    .toList();
            await().atMost(Duration.ofSeconds(30)).until(() -> answered.size() >= enough);
            victim.kill();
            for (Future<List<String>> ended : calling) {
                begun.addAll(ended.get());
            }
        }
        return begun;
    }

    @Test
    void a_batch_that_kill_9_broke_off_is_finished_by_its_repetition_as_if_nothing_had_happened() throws Exception {
        // Ten steps, each of which is stored by itself.
        String body = IntStream.range(0, 500)
                .mapToObj(i -> "{\"customer_id\":\"%s-%d\",\"device_type\":\"web\",\"device_token\":\"%s-%d\"}"
                        .formatted(customer, i % 10, token, i))
                .collect(Collectors.joining(",", "{\"items\":[", "]}"));
        ServiceProcess victim = deployment.lastReplica();
        try (ExecutorService callers = Executors.newFixedThreadPool(1)) {
            Future<Answer> broken = callers.submit(() -> send("/v1/devices:batch", body));
            await().pollInterval(Duration.ofMillis(10))
                    .until(() -> !registry.list(customer + "-0")
                            .json()
                            .path("devices")
                            .isEmpty());
            victim.kill();
            assertThat(broken).failsWithin(Duration.ofSeconds(30));
        }
        registry = deployment.start();

        Answer repeated = send("/v1/devices:batch", body);

        assertThat(repeated.status()).isEqualTo(200);
        assertThat(repeated.json().path("results"))
                .hasSize(500)
                .allSatisfy(result -> assertThat(result.path("status").asText()).isEqualTo("created"));
        assertThat(registry.list(customer + "-9").json().path("devices")).hasSize(50);
        assertReplay(send("/v1/devices:batch", body), repeated);
    }

    @Test
    void a_batch_whose_item_was_ahead_of_time_is_answered_item_by_item_when_it_is_repeated_in_time() throws Exception {
        Instant notYet = Instant.now().plus(Duration.ofMinutes(5)).plusSeconds(2);
        String body = """
                {"items":[{"customer_id":"%1$s","device_type":"web","device_token":"1-%2$s"},
                          {"customer_id":"%1$s","device_type":"web","device_token":"2-%2$s","observed_at":"%3$s"}]}""".formatted(customer, token, notYet);
        Answer first = send("/v1/devices:batch", body);
        assertThat(first.text("/results/1/status")).isEqualTo("error");

        await().until(() -> Instant.now().isAfter(notYet.minus(Duration.ofMinutes(5))));

        assertThat(send("/v1/devices:batch", body).json().path("results")).hasSize(2);
    }
}
