package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.sandbox.bunce.Behaviour;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people who run the registry see of the sync, and do about it. */
class SyncIT {
    private Deployment deployment;
    private RegistryClient registry;

    @BeforeEach
    void start() {
        deployment = new Deployment()
                .with("REGISTRY_SYNC_PROBE_INTERVAL", "5S")
                .with("REGISTRY_SYNC_METRICS_INTERVAL", "1s");
        registry = deployment.start();
    }

    @AfterEach
    void stop() {
        deployment.close();
    }

    private void bunceRefuses(int status, String words) {
        deployment
                .bunce()
                .behave(Behaviour.normal()
                        .withRequestsPerMinute(0)
                        .withRefusal(new Behaviour.Refusal(null, status, words)));
    }

    private String registered(String customer, String type, String state) throws Exception {
        String device =
                registry.register(customer, type, "token-of-" + customer).deviceId();
        registry.awaitSync(customer, device, state);
        return device;
    }

    private JsonNode overview() throws Exception {
        return registry.get("/v1/sync").json().at("/providers/0");
    }

    private static List<String> ids(Answer parked) {
        List<String> ids = new ArrayList<>();
        parked.json()
                .path("parked")
                .forEach(one -> ids.add(one.path("device_id").asText()));
        return ids;
    }

    @Test
    void how_far_bunce_is_is_counted_and_what_is_parked_comes_in_pages_until_it_is_tried_again() throws Exception {
        registered("fine", "ios", "SYNCED");
        registered("other", "web", "UNSUPPORTED");
        ObjectNode overview = (ObjectNode) overview();
        overview.remove("calls");
        assertThat(overview).isEqualTo(Deployment.json("""
                {"provider":"bunce","pending":{},"parked":{},"unsupported":1,"synced":1,
                 "oldest_unsynced_age_seconds":null,"two_holders":0,"backlog_done_at":null,
                 "drift":{"DIFFERENT":0,"EXTRA":0,"MISSING":0},
                 "gate":{"state":"OPEN","reason":null,"remaining_seconds":null,"paused_by":null,"paused_at":null}}"""));
        bunceRefuses(422, "no such address");
        List<String> parked = List.of(
                registered("p1", "ios", "PARKED"),
                registered("p2", "ios", "PARKED"),
                registered("p3", "ios", "PARKED"));

        Answer first = registry.get("/v1/sync/parked?limit=2");
        Answer second = registry.get("/v1/sync/parked?limit=2&cursor=" + first.text("/next_cursor"));

        assertThat(ids(first)).isEqualTo(parked.subList(0, 2));
        assertThat(ids(second)).isEqualTo(parked.subList(2, 3));
        assertThat(second.json().path("next_cursor").isNull()).isTrue();
        assertThat(first.text("/parked/1/customer_id")).isEqualTo("p2");
        assertThat(first.json().at("/parked/1/sync")).isEqualTo(registry.sync("p2", parked.get(1)));
        assertThat(first.text("/parked/1/sync/last_error")).isEqualTo("HTTP 422: no such address");
        assertThat(ids(registry.get("/v1/sync/parked?provider=bunce&reason=REJECTED")))
                .isEqualTo(parked);
        assertThat(ids(registry.get("/v1/sync/parked?reason=CUSTOMER_UNKNOWN"))).isEmpty();
        assertThat(overview().path("parked")).isEqualTo(Deployment.json("{\"REJECTED\":3}"));

        bunceRefuses(401, "who are you?");
        registry.register("waiting", "ios", "token-of-waiting");

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(overview().at("/gate/state").asText()).isEqualTo("PAUSED"));
        assertThat(overview().at("/gate/reason").asText()).isEqualTo("UNAUTHORIZED");
        assertThat(overview().at("/gate/remaining_seconds").asDouble()).isBetween(0.0, 5.0);
        assertThat(overview().at("/pending/FRESH").asInt()).isEqualTo(1);
        assertThat(overview().path("oldest_unsynced_age_seconds").asDouble()).isPositive();

        deployment.bunce().behave(Behaviour.normal().withRequestsPerMinute(0));

        assertThat(registry.post("/v1/sync:replay", "{\"all\":true}").json())
                .isEqualTo(Deployment.json("{\"replayed\":3}"));
        assertThat(ids(registry.get("/v1/sync/parked"))).isEmpty();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(overview().path("synced").asInt()).isEqualTo(5));
    }

    @Test
    void a_person_can_hold_back_what_goes_to_bunce_and_let_it_go_again() throws Exception {
        assertThat(registry.post("/v1/sync:pause", BUNCE).status()).isEqualTo(204);
        JsonNode paused = overview().path("gate");
        assertThat(registry.post("/v1/sync:pause", BUNCE).status()).isEqualTo(204);
        assertThat(overview().path("gate")).isEqualTo(paused);
        assertThat(paused).isEqualTo(Deployment.json("""
                        {"state":"PAUSED","reason":"SUSPENDED","remaining_seconds":null,"paused_by":"bootstrap",
                         "paused_at":%s}""".formatted(paused.path("paused_at"))));
        assertThat(Instant.parse(paused.path("paused_at").asText()))
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
        String device = registry.register("held-back", "ios", "token-held-back").deviceId();

        assertThat(registry.post("/v1/sync:resume", BUNCE).status()).isEqualTo(204);

        registry.awaitSync("held-back", device, "SYNCED");
        assertThat(overview().at("/gate/state").asText()).isEqualTo("OPEN");
        assertThat(faults(registry.post("/v1/sync:pause", "{\"provider\":\"ounce\"}")))
                .containsExactly("/provider");
        assertThat(faults(registry.post("/v1/sync:resume", "{}"))).containsExactly("/provider");
    }

    private static final String BUNCE = "{\"provider\":\"bunce\"}";

    @Test
    void what_bunce_lost_is_found_when_that_is_asked_for_and_goes_out_again() throws Exception {
        String device = registered("lost", "ios", "SYNCED");
        assertThat(reconciled("lost")).isEqualTo(found(0));
        deployment.stopBunce();
        deployment.startBunce();

        assertThat(reconciled("lost")).isEqualTo(found(1));

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(deployment.told("lost")).containsExactly("lost + token-of-lost"));
        registry.awaitSync("lost", device, "SYNCED");
        assertThat(overview().at("/drift/MISSING").asInt()).isEqualTo(1);
        assertThat(faults(registry.post("/v1/sync:reconcile", "{}"))).containsExactly("/customer_id");
    }

    private JsonNode reconciled(String customer) throws Exception {
        return registry.post("/v1/sync:reconcile", "{\"customer_id\":\"" + customer + "\"}")
                .json();
    }

    private static JsonNode found(int missing) {
        return Deployment.json("""
                {"providers":[{"provider":"bunce","status":"compared","missing":%d,"different":0,"extra":0}]}""".formatted(missing));
    }

    @Test
    void a_customer_whom_bunce_does_not_know_waits_for_a_profile_and_is_made_known_by_it() throws Exception {
        deployment.bunce().behave(Behaviour.normal().withRequestsPerMinute(0).withStrictCustomers(true));
        String device = registered("stranger", "ios", "PARKED");
        assertThat(registry.sync("stranger", device).path("reason").asText()).isEqualTo("CUSTOMER_UNKNOWN");

        registry.put("/v1/customers/stranger", """
                {"email":"jo@example.com","first_name":"Jo","last_name":"Doe","phone_no":"+49301"}""");

        registry.awaitSync("stranger", device, "SYNCED");
        assertThat(deployment.bunce().requests())
                .extracting(request -> request.method() + " " + request.path())
                .containsExactly(
                        "POST /v1/customers/stranger/devices",
                        "POST /v1/customers/stranger/devices",
                        "POST /v1/customers",
                        "POST /v1/customers/stranger/devices");
    }

    @Test
    void requests_are_counted_by_the_minute() throws Exception {
        registered("counted", "ios", "SYNCED");

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(overview().at("/calls/0/sent").asInt()).isPositive());
    }

    @Test
    void what_a_person_would_look_for_is_in_the_metrics() throws Exception {
        registered("fine", "ios", "SYNCED");
        bunceRefuses(422, "no such address");
        registered("refused", "ios", "PARKED");
        registry.post("/v1/sync:pause", BUNCE);
        registry.register("waiting", "ios", "token-waiting");

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(registry.get("/q/metrics").body())
                        .contains(
                                "registry_sync_pending{lane=\"FRESH\",provider=\"bunce\"} 1.0",
                                "registry_sync_parked{provider=\"bunce\",reason=\"REJECTED\"} 1.0",
                                "registry_sync_paused{provider=\"bunce\",reason=\"SUSPENDED\"} 1.0",
                                "registry_sync_two_holders{provider=\"bunce\"} 0.0",
                                "registry_sync_drift{kind=\"MISSING\",provider=\"bunce\"} 0.0",
                                "registry_sync_oldest_pending_seconds{provider=\"bunce\"}"));
    }
}
