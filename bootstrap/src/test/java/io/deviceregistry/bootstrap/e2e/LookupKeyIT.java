package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.CommandLineRun.Result;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The lookup key is replaced under load, as OPERATIONS.md says, and no caller notices. */
@Order(3)
class LookupKeyIT {
    private static final String NEXT_KEY = "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8=";
    private static final String REQUEST =
            "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"answered-once\"}]}";
    private static final int CALLERS = 8;
    private static final int SEED = 1;

    @Test
    void another_lookup_key_takes_the_place_of_the_one_in_use_and_no_request_fails() throws Exception {
        try (Deployment deployment = new Deployment().with("REGISTRY_MAINTENANCE_BATCH_SIZE", "100")) {
            RegistryClient ignorant = deployment.start();
            ServiceProcess ignorantReplica = deployment.lastReplica();
            for (int i = 0; i < 300; i++) {
                ignorant.register("before-" + i, "ios", "token-before-" + i);
            }
            RegistryClient one =
                    deployment.with("REGISTRY_TOKEN_NEXT_LOOKUP_KEY", NEXT_KEY).start();
            RegistryClient other = deployment.start();
            assertProblem(ignorant.post("/v1/lookup-key:rotate", ""), 409, "LOOKUP_KEY_NOT_READY");
            Result tooEarly = command(one);
            ignorantReplica.kill();
            // As if half a minute had passed.
            execute(
                    deployment,
                    "update token_lookup_known set last_seen_at = now() - interval '1 minute'"
                            + " where array_length(key_ids, 1) = 1");

            List<URI> replicas = List.of(one.url(), other.url());
            Load load = new Load(() -> replicas, () -> false, CALLERS, SEED);
            load.start();
            load.allow(200);
            await().until(() -> load.registered() > 100);
            Answer first = post(one);
            CommandLineRun watching = watch(one);
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        load.allow(5);
                        return !other.get("/v1/lookup-key")
                                .text("/former_key_id")
                                .equals("null");
                    });
            load.allow(100);
            load.finish();
            Answer again = post(other);
            watching.interrupt();
            Result interrupted = watching.result();
            Result needed = command(other, "--once");
            refuses(
                    deployment.with("REGISTRY_TOKEN_LOOKUP_KEY", NEXT_KEY).without("REGISTRY_TOKEN_NEXT_LOOKUP_KEY"),
                    "still remembered by the former lookup key");
            // As if a day had passed.
            execute(deployment, "delete from idempotency_record");
            Result done = command(one);
            RegistryClient withNextAlone = deployment.start();

            assertThat(tooEarly.code()).isEqualTo(1);
            assertThat(tooEarly.err()).contains("does not know the key of the name");
            assertThat(load.faults()).isEmpty();
            assertThat(load.repeated()).as("requests that failed").isZero();
            assertThat(first.status()).isEqualTo(201);
            assertThat(again.status()).isEqualTo(201);
            assertThat(again.body()).isEqualTo(first.body());
            assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(interrupted.code()).isEqualTo(130);
            assertThat(interrupted.err()).contains("The service goes on by itself");
            assertThat(needed.code()).as(needed.err()).isEqualTo(3);
            assertThat(done.code()).as(done.err()).isZero();
            assertThat(done.out()).contains("no other lookup key is needed");
            for (int i = 0; i < 300; i += 50) {
                assertThat(withNextAlone
                                .register("before-" + i, "ios", "token-before-" + i)
                                .status())
                        .isEqualTo(200);
            }
            for (KnownDevice device : load.known()) {
                if (device.isActive()) {
                    assertThat(search(withNextAlone, device.token())).contains(device.id());
                }
            }
        }
    }

    @Test
    void how_far_it_is_and_what_keeps_it_from_ending_is_shown_to_prometheus() throws Exception {
        try (Deployment deployment = new Deployment()
                .with("REGISTRY_TOKEN_NEXT_LOOKUP_KEY", NEXT_KEY)
                .with("REGISTRY_SYNC_METRICS_INTERVAL", "1s")) {
            RegistryClient registry = deployment.start();
            for (int i = 0; i < 3; i++) {
                registry.register("customer-" + i, "ios", "token-" + i);
            }
            execute(deployment, "update device set token_cipher = '\\x00' where customer_id = 'customer-1'");
            await().untilAsserted(() -> assertThat(metrics(registry))
                    .contains("registry_lookup_key_replacement_seconds 0.0", "registry_lookup_key_hashed_total 0.0"));

            assertThat(registry.post("/v1/lookup-key:rotate", "").status()).isEqualTo(200);

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(metrics(registry))
                            .contains(
                                    "registry_lookup_key_devices_left 1.0",
                                    "registry_lookup_key_notes_left 0.0",
                                    "registry_lookup_key_unreadable_devices 1.0",
                                    "registry_lookup_key_hashed_total 2.0")
                            .doesNotContain("registry_lookup_key_replacement_seconds 0.0"));
        }
    }

    private static List<String> metrics(RegistryClient registry) throws IOException, InterruptedException {
        return registry.get("/q/metrics").body().lines().toList();
    }

    private static CommandLineRun watch(RegistryClient registry, String... arguments) throws IOException {
        return CommandLineRun.of(
                registry.url(),
                Map.of("REGISTRY_API_KEY", Deployment.API_KEY),
                "rotate-keys",
                Stream.concat(Stream.of("--lookup"), Stream.of(arguments)).toArray(String[]::new));
    }

    private static Result command(RegistryClient registry, String... arguments) throws Exception {
        return watch(registry, arguments).result();
    }

    private static Answer post(RegistryClient registry) throws IOException, InterruptedException {
        return registry.post("/v1/customers/once/devices", REQUEST, "Idempotency-Key", "once");
    }

    private static List<String> search(RegistryClient registry, String token) throws IOException, InterruptedException {
        Answer found =
                registry.post("/v1/devices:search", "{\"device_token\":\"" + token + "\",\"status\":\"ACTIVE\"}");
        return found.json().path("devices").findValuesAsText("device_id");
    }

    private static void refuses(Deployment deployment, String words) throws InterruptedException {
        assertThat(deployment.launch().awaitEnd()).isNotZero();
        assertThat(deployment.log()).contains(words);
    }

    private static void execute(Deployment deployment, String sql) throws SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
