package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static io.deviceregistry.bootstrap.e2e.RegistryClient.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.sandbox.bunce.Behaviour;
import java.io.IOException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes due by the passing of time alone. */
class HousekeepingIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The version of the schema in which the lookup key in use is noted. */
    private static final String WITH_KEYS = "10";

    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment()
                .with("REGISTRY_HOUSEKEEPING_INTERVAL", "1s")
                .with("REGISTRY_STALE_AFTER", "android=1H")
                .with("REGISTRY_STALE_CHECK_INTERVAL", "1S")
                .with("REGISTRY_REMOVED_RETENTION", "1S")
                .with("REGISTRY_IDEMPOTENCY_RETENTION", "2S")
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

    private static String registered(String customer, String type, String token, Duration ago)
            throws IOException, InterruptedException {
        return registry.post("/v1/customers/" + customer + "/devices", """
                        {"devices":[{"device_type":"%s","device_token":"%s","observed_at":"%s"}]}""".formatted(
                                type, token, Instant.now().minus(ago)))
                .deviceId();
    }

    private static void awaitGone(String customer, String device) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertProblem(registry.device(customer, device), 404, "DEVICE_NOT_FOUND"));
    }

    @Test
    void a_device_unseen_for_longer_than_its_type_may_be_is_invalid_and_bunce_is_told_until_it_is_seen_again()
            throws Exception {
        String lively = registered(customer, "android", "lively-" + token, Duration.ofMinutes(59));
        String ofAnotherType = registered(customer, "ios", "ios-" + token, Duration.ofDays(900));
        String stale = registered(customer, "android", token, Duration.ofMinutes(61));

        // The walk is in the order of the ids, so it has passed the other two by then.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(registry.device(customer, stale).text("/status"))
                        .isEqualTo("INVALID"));

        assertThat(registry.device(customer, stale).text("/status_reason")).isEqualTo("STALE");
        assertThat(registry.device(customer, stale).text("/version")).isEqualTo("2");
        assertThat(registry.device(customer, lively).text("/status")).isEqualTo("ACTIVE");
        assertThat(registry.device(customer, ofAnotherType).text("/status")).isEqualTo("ACTIVE");
        registry.awaitSync(customer, stale, "SYNCED");
        assertThat(deployment.told(customer))
                .doesNotContain(customer + " ios-" + token + " -> retired:" + ofAnotherType);

        Answer back = registry.register(customer, "android", token);

        assertThat(back.deviceId()).isEqualTo(stale);
        assertThat(registry.device(customer, stale).text("/status")).isEqualTo("ACTIVE");
        registry.awaitSync(customer, stale, "SYNCED");
        assertThat(deployment.told(customer)).last().isEqualTo(customer + " + " + token);
    }

    @Test
    void a_stale_device_that_bunce_has_is_taken_from_it() throws Exception {
        // Seen a moment less than an hour ago, so that Bunce gets it before it grows stale.
        String device =
                registered(customer, "android", token, Duration.ofMinutes(60).minusSeconds(15));
        registry.awaitSync(customer, device, "SYNCED");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(deployment.told(customer))
                        .containsExactly(customer + " + " + token, customer + " " + token + " -> retired:" + device));
        assertThat(registry.device(customer, device).text("/status_reason")).isEqualTo("STALE");
    }

    @Test
    void a_removed_device_is_deleted_after_its_time_but_not_before_bunce_was_told() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "SYNCED");
        registry.register("holder-" + customer, "ios", "held-" + token);
        deployment
                .bunce()
                .behave(Behaviour.normal()
                        .withRequestsPerMinute(0)
                        .withRefusal(new Behaviour.Refusal(null, 503, "not now")));
        registry.delete(path(customer, device));
        // One that is removed later and of which nobody needs to be told.
        String untold = registered("late-" + customer, "ios", "held-" + token, Duration.ofMinutes(10));

        awaitGone("late-" + customer, untold);

        assertThat(registry.device(customer, device).text("/status")).isEqualTo("REMOVED");
        bunceIsWell();
        awaitGone(customer, device);
        assertThat(deployment.told(customer)).last().isEqualTo(customer + " " + token + " -> retired:" + device);
        assertThat(registry.get("/v1/customers/" + customer + "/devices?status=REMOVED")
                        .json()
                        .path("devices"))
                .isEmpty();
        Answer anew = registry.register(customer, "ios", token);
        assertThat(anew.status()).isEqualTo(201);
        assertThat(anew.deviceId()).isNotEqualTo(device);
    }

    @Test
    void an_idempotency_key_is_forgotten_after_its_time() throws Exception {
        String path = "/v1/customers/" + customer + "/devices";
        String other = "{\"devices\":[{\"device_type\":\"web\",\"device_token\":\"other-%s\"}]}".formatted(token);
        registry.post(path, other.replace("other-", ""), "Idempotency-Key", customer);
        assertThat(faults(registry.post(path, other, "Idempotency-Key", customer), "IDEMPOTENCY_KEY_REUSED"))
                .isNotEmpty();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(registry.post(path, other, "Idempotency-Key", customer)
                                .status())
                        .isEqualTo(201));
    }

    @Test
    void given_a_start_that_takes_long_then_nothing_begins_by_the_clock_before_all_is_there_that_it_needs()
            throws Exception {
        try (Deployment slow = Deployment.migratedTo(WITH_KEYS).with("REGISTRY_HOUSEKEEPING_INTERVAL", "1s");
                Connection connection = slow.connect();
                Statement statement = connection.createStatement()) {
            // The keys are noted when the schema is there already.
            statement.execute("""
                    create function linger() returns trigger language plpgsql as $$
                    begin
                      perform pg_sleep(3);
                      return new;
                    end $$""");
            statement.execute("create trigger linger before insert on token_key execute function linger()");

            RegistryClient replica = slow.start();

            assertThat(replica.register(customer, "ios", token).status()).isEqualTo(201);
            assertThat(slow.log().lines()).noneMatch(line -> line.contains("ERROR"));
        }
    }
}
