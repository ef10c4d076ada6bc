package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.sandbox.bunce.Behaviour;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What people who run the registry see of the sync, and do about it. */
class SyncIT {
    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment().with("REGISTRY_SYNC_UNAUTHORIZED_PAUSE", "5S");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private static void bunceRefuses(int status, String words) {
        deployment
                .bunce()
                .behave(Behaviour.normal()
                        .withRequestsPerMinute(0)
                        .withRefusal(new Behaviour.Refusal(null, status, words)));
    }

    private static String registered(String customer, String type, String state) throws Exception {
        String device =
                registry.register(customer, type, "token-of-" + customer).deviceId();
        registry.awaitSync(customer, device, state);
        return device;
    }

    private static JsonNode overview() throws Exception {
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
        assertThat(overview()).isEqualTo(Deployment.json("""
                {"provider":"bunce","pending":0,"parked":{},"unsupported":1,"synced":1,
                 "oldest_unsynced_age_seconds":null,
                 "gate":{"state":"OPEN","reason":null,"remaining_seconds":null}}"""));
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
        assertThat(overview().path("pending").asInt()).isEqualTo(1);
        assertThat(overview().path("oldest_unsynced_age_seconds").asDouble()).isPositive();

        deployment.bunce().behave(Behaviour.normal().withRequestsPerMinute(0));

        assertThat(registry.post("/v1/sync:replay", "{\"all\":true}").json())
                .isEqualTo(Deployment.json("{\"replayed\":3}"));
        assertThat(ids(registry.get("/v1/sync/parked"))).isEmpty();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(overview().path("synced").asInt()).isEqualTo(5));
    }
}
