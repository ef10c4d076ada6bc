package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.sandbox.bunce.Behaviour;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A customer who is forgotten: at once here, and at Bunce as soon as it was told. */
class ErasureIT {
    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment()
                .with("REGISTRY_HOUSEKEEPING_INTERVAL", "1s")
                .with("REGISTRY_SYNC_SETTLING_DELAY", "1S")
                .with("REGISTRY_SYNC_BACKOFF_CAP", "1S");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private final String customer = "customer-" + UUID.randomUUID();
    private final String token = "token-" + UUID.randomUUID();

    @AfterEach
    void bunceIsWell() {
        deployment.bunce().behave(Behaviour.normal().withRequestsPerMinute(0));
    }

    private static void bunceRefuses(int status) {
        deployment
                .bunce()
                .behave(Behaviour.normal()
                        .withRequestsPerMinute(0)
                        .withRefusal(new Behaviour.Refusal(null, status, "not now")));
    }

    private Answer erase() throws IOException, InterruptedException {
        return registry.delete("/v1/customers/" + customer);
    }

    private String registered(String type, String token) throws IOException, InterruptedException {
        String device = registry.register(customer, type, token).deviceId();
        registry.awaitSync(customer, device, "SYNCED");
        return device;
    }

    private static JsonNode awaitCompleted(Answer erasure) {
        String receipt = erasure.header("Location");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(registry.get(receipt).text("/status")).isEqualTo("COMPLETED"));
        try {
            return registry.get(receipt).json();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode atBunce(int confirmed, int pending, int unsupported) {
        return Deployment.json("""
                [{"provider":"bunce","confirmed":%d,"pending":%d,"parked":0,"unsupported":%d}]""".formatted(confirmed, pending, unsupported));
    }

    private void assertNothingIsLeft() throws IOException, InterruptedException {
        assertProblem(registry.get("/v1/customers/" + customer), 404, "CUSTOMER_NOT_FOUND");
        assertThat(registry.get("/v1/customers?customer_ids=" + customer).json().path("customers"))
                .isEmpty();
        assertThat(registry.get("/v1/customers/" + customer + "/devices?status=ACTIVE,INVALID,REMOVED")
                        .json()
                        .path("devices"))
                .isEmpty();
        for (String filter :
                new String[] {"{\"customer_id\":\"" + customer + "\"}", "{\"device_token\":\"" + token + "\"}"}) {
            assertThat(registry.post("/v1/devices:search", filter).json().path("devices"))
                    .isEmpty();
        }
    }

    @Test
    void a_customer_is_forgotten_at_once_and_the_receipt_runs_until_bunce_was_told() throws Exception {
        registry.put("/v1/customers/" + customer, "{\"email\":\"%s@example.com\"}".formatted(customer));
        String device = registered("ios", token);
        registered("android", "second-" + token);
        bunceRefuses(503);

        Answer erasure = erase();

        assertThat(erasure.status()).isEqualTo(202);
        assertThat(erasure.members(""))
                .containsExactly(
                        "erasure_id",
                        "status",
                        "requested_at",
                        "requested_by",
                        "completed_at",
                        "changes_kept_until",
                        "devices",
                        "providers");
        assertThat(erasure.header("Location")).endsWith("/v1/erasures/" + erasure.text("/erasure_id"));
        assertThat(erasure.text("/status")).isEqualTo("RUNNING");
        assertThat(erasure.text("/devices")).isEqualTo("2");
        assertThat(erasure.json().path("completed_at").isNull()).isTrue();
        // For thirty days, and then the day with which it goes.
        Instant kept = Instant.parse(erasure.text("/changes_kept_until"));
        assertThat(kept).isEqualTo(kept.truncatedTo(ChronoUnit.DAYS));
        assertThat(Duration.between(Instant.parse(erasure.text("/requested_at")), kept))
                .isBetween(Duration.ofDays(30), Duration.ofDays(31));
        assertThat(erasure.json().path("providers")).isEqualTo(atBunce(0, 2, 0));
        assertThat(erasure.body()).doesNotContain(customer);
        assertProblem(registry.device(customer, device), 404, "DEVICE_NOT_FOUND");
        assertThat(registry.list(customer).json().path("devices")).isEmpty();

        bunceIsWell();
        JsonNode receipt = awaitCompleted(erasure);

        assertThat(receipt.path("providers")).isEqualTo(atBunce(2, 0, 0));
        assertThat(receipt.path("devices").asInt()).isEqualTo(2);
        assertThat(receipt.path("requested_by").asText()).isEqualTo("bootstrap");
        assertThat(Instant.parse(receipt.path("completed_at").asText()))
                .isAfter(Instant.parse(receipt.path("requested_at").asText()));
        assertThat(deployment.told(customer)).contains(customer + " " + token + " -> retired:" + device);
        assertNothingIsLeft();
    }

    @Test
    void while_bunce_is_still_to_be_told_the_customer_cannot_be_found_any_more() throws Exception {
        registry.put("/v1/customers/" + customer, "{\"email\":\"%s@example.com\"}".formatted(customer));
        registered("ios", token);
        bunceRefuses(503);

        assertThat(erase().text("/status")).isEqualTo("RUNNING");

        assertNothingIsLeft();
    }

    @Test
    void a_registration_afterwards_is_a_new_device_and_goes_out_after_the_removal() throws Exception {
        String former = registered("ios", token);
        bunceRefuses(503);
        Answer erasure = erase();

        Answer back = registry.register(customer, "ios", token);

        assertThat(back.status()).isEqualTo(201);
        assertThat(back.deviceId()).isNotEqualTo(former);
        assertThat(registry.device(customer, back.deviceId()).text("/version")).isEqualTo("1");
        bunceIsWell();
        awaitCompleted(erasure);
        registry.awaitSync(customer, back.deviceId(), "SYNCED");
        assertThat(deployment.told(customer).stream().distinct())
                .containsExactly(customer + " + " + token, customer + " " + token + " -> retired:" + former);
        assertThat(deployment.told(customer)).last().isEqualTo(customer + " + " + token);
        assertThat(registry.list(customer).json().path("devices")).hasSize(1);
    }

    @Test
    void another_customer_who_registers_the_token_afterwards_goes_out_after_the_removal_too() throws Exception {
        String former = registered("ios", token);
        bunceRefuses(503);
        erase();

        String next = "next-" + customer;
        Answer taken = registry.register(next, "ios", token);

        assertThat(taken.status()).isEqualTo(201);
        bunceIsWell();
        registry.awaitSync(next, taken.deviceId(), "SYNCED");
        assertThat(deployment.told(customer, next))
                .endsWith(customer + " " + token + " -> retired:" + former, next + " + " + token);
    }

    @Test
    void a_customer_who_is_described_again_meanwhile_begins_anew() throws Exception {
        Answer first = registry.put("/v1/customers/" + customer, "{\"first_name\":\"Jo\",\"last_name\":\"Roe\"}");
        registered("ios", token);
        bunceRefuses(503);
        Answer erasure = erase();

        Answer again = registry.put("/v1/customers/" + customer, "{\"first_name\":\"Joe\"}");

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.json().path("last_name").isNull()).isTrue();
        assertThat(again.text("/created_at")).isNotEqualTo(first.text("/created_at"));
        bunceIsWell();
        awaitCompleted(erasure);
        assertThat(registry.get("/v1/customers/" + customer).json()).isEqualTo(again.json());
    }

    @Test
    void a_repeated_call_has_the_same_receipt_while_it_runs_and_finds_no_customer_after_that() throws Exception {
        registered("ios", token);
        bunceRefuses(503);
        Answer erasure = erase();

        Answer again = erase();

        assertThat(again.status()).isEqualTo(202);
        assertThat(again.header("Location")).isEqualTo(erasure.header("Location"));
        assertThat(again.json()).isEqualTo(erasure.json());
        bunceIsWell();
        awaitCompleted(erasure);
        assertProblem(erase(), 404, "CUSTOMER_NOT_FOUND");
    }

    @Test
    void a_customer_of_whom_bunce_knows_nothing_is_gone_with_the_answer() throws Exception {
        registry.register(customer, "windows", token);
        registry.put("/v1/customers/" + customer, "{\"first_name\":\"Jo\"}");

        Answer erasure = erase();

        assertThat(erasure.status()).isEqualTo(202);
        assertThat(erasure.text("/status")).isEqualTo("COMPLETED");
        assertThat(erasure.text("/devices")).isEqualTo("1");
        assertThat(erasure.json().path("providers")).isEmpty();
        assertNothingIsLeft();
        assertThat(deployment.bunceRequests(customer)).isEmpty();
    }

    @Test
    void the_receipt_tells_of_a_device_that_bunce_has_no_way_to_forget() throws Exception {
        registered("ios", token);
        bunceRefuses(422);

        JsonNode receipt = awaitCompleted(erase());

        assertThat(receipt.path("providers")).isEqualTo(atBunce(0, 0, 1));
        assertNothingIsLeft();
    }

    @Test
    void an_unknown_customer_or_receipt_is_not_found_and_a_malformed_one_is_named() throws Exception {
        assertProblem(erase(), 404, "CUSTOMER_NOT_FOUND");
        assertProblem(registry.get("/v1/erasures/" + UUID.randomUUID()), 404, "ERASURE_NOT_FOUND");
        assertThat(faults(registry.get("/v1/erasures/7"))).containsExactly("erasure_id");
        assertThat(faults(registry.delete("/v1/customers/a%20b"))).containsExactly("customer_id");
    }
}
