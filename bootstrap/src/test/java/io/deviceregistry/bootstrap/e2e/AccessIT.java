package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.domain.AccessScope;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.ApiKeySecret.Environment;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may call, and what. */
class AccessIT {
    private static final String DEVICE = "{\"device_type\":\"ios\",\"device_token\":\"%s\"}";

    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment()
                .with("REGISTRY_API_KEY_ENVIRONMENT", "test")
                .with("REGISTRY_REQUESTS_PER_SECOND_OF", "busy-backend=2,another=1000");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private static Answer issue(String caller, String... scopes) throws IOException, InterruptedException {
        return registry.post("/v1/api-keys", """
                {"caller":"%s","scopes":[%s]}""".formatted(
                        caller, Stream.of(scopes).map("\"%s\""::formatted).collect(Collectors.joining(","))));
    }

    private static RegistryClient callerWith(String... scopes) throws IOException, InterruptedException {
        return new RegistryClient(registry.url(), issue("caller", scopes).text("/key"));
    }

    private static RegistryClient with(Answer issued) {
        return new RegistryClient(registry.url(), issued.text("/key"));
    }

    @Test
    void an_issued_key_works_at_once_in_both_headers_and_is_kept_as_a_hash_alone() throws Exception {
        Answer issued = issue("shop", "devices:write");
        String key = issued.text("/key");

        assertThat(issued.status()).isEqualTo(201);
        assertThat(issued.header("Cache-Control")).isEqualTo("no-store");
        assertThat(key).startsWith("dr_test_").endsWith(issued.text("/api_key/hint"));
        assertThat(with(issued).register("owner", "ios", "by-header").status()).isEqualTo(201);
        assertThat(registry.send(registry.request("/v1/customers/owner/devices")
                                .header("Authorization", "Bearer " + key)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"devices\":[" + DEVICE.formatted("by-bearer") + "]}")))
                        .status())
                .isEqualTo(201);

        String id = issued.text("/api_key/api_key_id");
        Answer shown = registry.get(issued.header("Location"));
        assertThat(shown.text("/last_used_at")).isNotEqualTo("null");
        assertThat(shown.text("/caller")).isEqualTo("shop");
        assertThat(shown.text("/issued_by")).isEqualTo("bootstrap");
        assertThat(shown.text("/revoked_by")).isEqualTo("null");
        assertThat(shown.body()).doesNotContain(key);
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select secret_hash, k::text as all_of_it from api_key k where id = '" + id + "'")) {
            row.next();
            assertThat(row.getBytes("secret_hash"))
                    .isEqualTo(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.US_ASCII)));
            assertThat(row.getString("all_of_it")).doesNotContain(key);
        }
        assertThat(deployment.log()).doesNotContain(key);
    }

    @Test
    void every_operation_needs_the_scope_that_its_description_names_and_a_refusal_names_it() throws Exception {
        JsonNode paths = registry.get("/q/openapi?format=json").json().path("paths");
        Map<AccessScope, RegistryClient> withAllBut = new EnumMap<>(AccessScope.class);
        List<String> checked = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                if (!operation.getValue().has("operationId")) {
                    continue;
                }
                List<String> scopes = new ArrayList<>();
                operation
                        .getValue()
                        .path("security")
                        .forEach(requirement -> requirement.path("key").forEach(scope -> scopes.add(scope.asText())));
                String[] others = Arrays.stream(AccessScope.values())
                        .map(AccessScope::word)
                        .filter(word -> !scopes.contains(word))
                        .toArray(String[]::new);
                RegistryClient caller = scopes.size() == 1
                        ? withAllBut.computeIfAbsent(AccessScope.parse(scopes.getFirst()), _ -> caller(others))
                        : caller(others);

                Answer answer = send(caller, operation.getKey(), path.getKey(), mediaType(operation.getValue()));

                assertProblem(answer, 403, "FORBIDDEN");
                assertThat(scopes).as(path.getKey()).isNotEmpty().allMatch(answer.text("/detail")::contains);
                assertThat(answer.header("WWW-Authenticate"))
                        .isEqualTo("Bearer error=\"insufficient_scope\", scope=\"%s\""
                                .formatted(String.join(" ", scopes)));
                checked.add(operation.getValue().path("operationId").asText());
            }
        }
        assertThat(checked)
                .contains(
                        "registerDevices",
                        "getErasure",
                        "listChanges",
                        "issueApiKey",
                        "listEncryptionKeys",
                        "rotateLookupKey",
                        "replaySync");
    }

    private static RegistryClient caller(String... scopes) {
        try {
            return callerWith(scopes);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** One that the operation takes, since another one is refused whoever asks. */
    private static String mediaType(JsonNode operation) {
        JsonNode content = operation.path("requestBody").path("content");
        return content.isEmpty() ? "application/json" : content.fieldNames().next();
    }

    /** What is in the path and the body does not matter: nobody looks at it before the scope. */
    private static Answer send(RegistryClient caller, String method, String path, String mediaType)
            throws IOException, InterruptedException {
        String concrete = path.replaceAll("\\{\\w+}", "018c7737-0ab2-78f7-ba75-1710dd8fe631");
        return switch (method) {
            case "get" -> caller.get(concrete);
            case "delete" -> caller.delete(concrete);
            case "put" -> caller.put(concrete, "{}");
            case "patch" -> caller.patch(concrete, "{}");
            case "post" ->
                caller.send(caller.authorized(concrete)
                        .header("Content-Type", mediaType)
                        .POST(HttpRequest.BodyPublishers.ofString("{}")));
            default -> throw new AssertionError(method);
        };
    }

    @Test
    void who_may_only_describe_customers_registers_no_devices_with_them() throws Exception {
        RegistryClient crm = callerWith("customers:write");
        String customer = "{\"customer_id\":\"described\",\"devices\":[%s]}";

        assertThat(crm.post("/v1/customers", customer.formatted("")).status()).isEqualTo(201);
        for (Answer refused : List.of(
                crm.post("/v1/customers", customer.formatted(DEVICE.formatted("smuggled"))),
                crm.put("/v1/customers/described", customer.formatted(DEVICE.formatted("smuggled"))),
                crm.post("/v1/customers/bulk", "[" + customer.formatted(DEVICE.formatted("smuggled")) + "]"),
                crm.put("/v1/customers/bulk-update", "[" + customer.formatted(DEVICE.formatted("smuggled")) + "]"))) {
            assertProblem(refused, 403, "FORBIDDEN");
            assertThat(refused.text("/detail")).contains("devices:write");
        }
        assertThat(registry.list("described").json().path("devices")).isEmpty();
        assertThat(callerWith("customers:write", "devices:write")
                        .post("/v1/customers", customer.formatted(DEVICE.formatted("declared")))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void nobody_grants_what_they_may_not_do_themselves() throws Exception {
        RegistryClient admin = callerWith("keys:manage", "devices:read");

        Answer refused =
                admin.post("/v1/api-keys", "{\"caller\":\"friend\",\"scopes\":[\"devices:read\",\"customers:erase\"]}");

        assertProblem(refused, 403, "FORBIDDEN");
        assertThat(refused.text("/detail")).contains("customers:erase");
        assertThat(admin.post("/v1/api-keys", "{\"caller\":\"friend\",\"scopes\":[\"devices:read\"]}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void a_revoked_key_is_dead_within_five_seconds_at_every_replica_and_the_callers_other_key_lives() throws Exception {
        RegistryClient other = deployment.start();
        Answer first = issue("rotating", "devices:read");
        Answer second = issue("rotating", "devices:read");
        RegistryClient there = new RegistryClient(other.url(), first.text("/key"));
        assertThat(with(first).list("anybody").status()).isEqualTo(200);
        assertThat(there.list("anybody").status()).isEqualTo(200);
        String path = first.header("Location");
        RegistryClient security = with(issue("security", "keys:manage"));

        assertThat(security.delete(path).status()).isEqualTo(204);
        Instant revoked = Instant.now();
        assertThat(registry.delete(path).status()).isEqualTo(204);

        await().pollInterval(Duration.ofMillis(100))
                .atMost(Duration.ofSeconds(5))
                .until(() -> with(first).list("anybody").status() == 401
                        && there.list("anybody").status() == 401);
        assertThat(Instant.now()).isBefore(revoked.plusSeconds(5));
        assertThat(with(second).list("anybody").status()).isEqualTo(200);
        assertThat(registry.get(path).text("/revoked_at")).isNotEqualTo("null");
        assertThat(registry.get(path).text("/revoked_by")).isEqualTo("security");
    }

    @Test
    void a_key_works_until_it_expires() throws Exception {
        Answer issued =
                registry.post("/v1/api-keys", """
                {"caller":"guest","scopes":["devices:read"],"expires_at":"%s"}""".formatted(Instant.now().plusSeconds(3)));
        assertThat(issued.status()).isEqualTo(201);

        assertThat(with(issued).list("anybody").status()).isEqualTo(200);
        await().pollInterval(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(8))
                .until(() -> with(issued).list("anybody").status() == 401);
    }

    @Test
    void what_is_no_key_of_ours_is_refused() throws Exception {
        String unknown =
                ApiKeySecret.generate(Environment.TEST, new SecureRandom()).value();
        String mistyped = issue("typist", "devices:read").text("/key") + "x";
        for (String key : List.of(unknown, mistyped, "dr_test_", "", "Bearer " + unknown)) {
            Answer byHeader =
                    registry.send(registry.request("/v1/customers/a/devices").header("X-Authorization", key));
            Answer byBearer =
                    registry.send(registry.request("/v1/customers/a/devices").header("Authorization", "Bearer " + key));

            assertProblem(byHeader, 401, "UNAUTHENTICATED");
            assertProblem(byBearer, 401, "UNAUTHENTICATED");
            assertThat(byBearer.header("WWW-Authenticate")).startsWith("Bearer");
        }
    }

    @Test
    void a_caller_who_has_had_enough_waits_and_others_do_not_and_all_are_counted() throws Exception {
        RegistryClient busy = with(issue("busy-backend", "devices:read"));
        RegistryClient calm = with(issue("calm", "devices:read"));

        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            answers.add(busy.list("anybody"));
            assertThat(calm.list("anybody").status()).isEqualTo(200);
        }

        assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSizeBetween(2, 9);
        assertThat(answers)
                .filteredOn(answer -> answer.status() != 200)
                .isNotEmpty()
                .allSatisfy(answer -> {
                    assertProblem(answer, 429, "TOO_MANY_REQUESTS");
                    assertThat(answer.header("Retry-After")).isEqualTo("1");
                });
        await().atMost(Duration.ofSeconds(5)).until(() -> busy.list("anybody").status() == 200);
        assertThat(registry.send(registry.request("/q/metrics")).body())
                .contains("registry_requests_total{caller=\"calm\"} 10.0");
    }

    @Test
    void keys_are_listed_in_pages() throws Exception {
        List<String> issued = List.of(
                issue("one", "devices:read").text("/api_key/api_key_id"),
                issue("two", "imports").text("/api_key/api_key_id"),
                issue("three", "keys:manage").text("/api_key/api_key_id"));

        List<String> listed = new ArrayList<>();
        String cursor = "";
        do {
            Answer page = registry.get("/v1/api-keys?limit=2" + cursor);
            page.json()
                    .path("api_keys")
                    .forEach(key -> listed.add(key.path("api_key_id").asText()));
            cursor = page.json().path("next_cursor").isNull() ? "" : "&cursor=" + page.text("/next_cursor");
        } while (!cursor.isEmpty());

        assertThat(listed).containsSubsequence(issued).doesNotHaveDuplicates();
        assertProblem(registry.get("/v1/api-keys/018c7737-0ab2-78f7-ba75-1710dd8fe631"), 404, "API_KEY_NOT_FOUND");
        assertProblem(registry.delete("/v1/api-keys/018c7737-0ab2-78f7-ba75-1710dd8fe631"), 404, "API_KEY_NOT_FOUND");
        assertProblem(registry.get("/v1/api-keys/x"), 422, "INVALID_REQUEST");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | /caller,/scopes",
                "{'caller':'Shop','scopes':['devices:read']} | /caller",
                "{'caller':'bootstrap','scopes':['devices:read']} | /caller",
                "{'caller':'shop','scopes':[]} | /scopes",
                "{'caller':'shop','scopes':['devices:read','devices:fly',7]} | /scopes/1,/scopes/2",
                "{'caller':'shop','scopes':['devices:read'],'expires_at':'2020-01-01T00:00:00Z'} | /expires_at",
                "{'caller':'shop','scopes':['devices:read'],'expires_at':'tomorrow','color':'red'} | /color,/expires_at"
            })
    void a_grant_that_makes_no_sense_is_refused_with_every_fault(String body, String pointers) throws Exception {
        Answer answer = registry.post("/v1/api-keys", body.replace('\'', '"'));

        assertThat(faults(answer)).containsExactlyInAnyOrder(pointers.split(","));
    }

    @Test
    void an_answer_that_was_remembered_is_for_the_caller_and_not_for_the_key() throws Exception {
        String body = "{\"devices\":[" + DEVICE.formatted("remembered") + "]}";
        Answer old = issue("rotating-writer", "devices:write");
        Answer next = issue("rotating-writer", "devices:write");
        Answer stranger = issue("stranger", "devices:write");
        String path = "/v1/customers/remembers/devices";

        Answer first = with(old).post(path, body, "Idempotency-Key", "k");
        Answer repeated = with(next).post(path, body, "Idempotency-Key", "k");
        Answer strange = with(stranger).post(path, body, "Idempotency-Key", "k");

        assertThat(first.status()).isEqualTo(201);
        assertThat(repeated.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(strange.header("Idempotency-Replayed")).isEmpty();
    }
}
