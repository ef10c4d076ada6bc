package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.deploy.Tool;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.db.LocalPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup is made and restored as OPERATIONS.md says. */
@Order(6)
class BackupIT {
    private static final List<String> CUSTOMERS =
            IntStream.range(0, 30).mapToObj("kept-%d"::formatted).toList();
    private static final String BUNCE = "{\"provider\":\"bunce\"}";

    @TempDir
    private Path folder;

    @Test
    void given_a_backup_of_a_running_service_when_restored_elsewhere_then_all_devices_open_and_the_sync_goes_on()
            throws Exception {
        Path backup = folder.resolve("registry.dump");
        // Bunce remembers what it was told, whatever becomes of the registry.
        Path bunce = folder.resolve("bunce.ndjson");
        List<JsonNode> before = new ArrayList<>();
        String waiting;
        String seenInBackup;
        String seenAfterwards;

        try (LocalPostgres elsewhere = server()) {
            try (LocalPostgres lost = server();
                    Deployment deployment = new Deployment(lost, lost.jdbcUrl(), bunce)) {
                RegistryClient registry = deployment.start();
                Map<String, String> devices = new LinkedHashMap<>();
                for (String customer : CUSTOMERS) {
                    devices.put(
                            customer,
                            registry.register(customer, "ios", "token-of-" + customer)
                                    .deviceId());
                }
                devices.forEach((customer, device) -> registry.awaitSync(customer, device, "SYNCED"));
                registry.post("/v1/sync:pause", BUNCE);
                waiting =
                        registry.register("waiting", "ios", "token-of-waiting").deviceId();
                for (String customer : CUSTOMERS) {
                    before.add(registry.list(customer).json());
                }

                seenInBackup = follow(registry, "");

                Tool.PG_DUMP.run("--format=custom", "--file=" + backup, "--dbname=" + Dumps.address(lost));
                registry.register("not-in-the-backup", "ios", "token-that-is-lost");
                seenAfterwards = follow(registry, "?after=" + seenInBackup);
            }
            Tool.PG_RESTORE.run(
                    "--no-owner", "--exit-on-error", "--dbname=" + Dumps.address(elsewhere), backup.toString());

            try (Deployment restored = new Deployment(elsewhere, elsewhere.jdbcUrl(), bunce)) {
                RegistryClient registry = restored.start();
                for (int i = 0; i < CUSTOMERS.size(); i++) {
                    String customer = CUSTOMERS.get(i);
                    JsonNode devices = registry.list(customer).json();
                    assertThat(devices).isEqualTo(before.get(i));
                    assertThat(devices.at("/devices/0/device_token").asText()).isEqualTo("token-of-" + customer);
                    // Found by its hash, so it is no new one.
                    assertThat(registry.register(customer, "ios", "token-of-" + customer)
                                    .status())
                            .isEqualTo(200);
                }

                assertThat(registry.get("/v1/changes?after=" + seenInBackup)
                                .json()
                                .path("changes"))
                        .isEmpty();
                assertProblem(registry.get("/v1/changes?after=" + seenAfterwards), 410, "CHANGES_GONE");
                String next = registry.register("after-the-restore", "ios", "token-of-the-next")
                        .deviceId();
                await().untilAsserted(() -> assertThat(registry.get("/v1/changes?after=" + seenInBackup)
                                .json()
                                .path("changes"))
                        .singleElement()
                        .returns(next, change -> change.path("device_id").asText()));

                registry.post("/v1/sync:resume", BUNCE);

                registry.awaitSync("waiting", waiting, "SYNCED");
                assertThat(restored.told("waiting", CUSTOMERS.getFirst()))
                        .containsExactly(
                                CUSTOMERS.getFirst() + " + token-of-" + CUSTOMERS.getFirst(),
                                "waiting + token-of-waiting");
            }
        }
    }

    @Test
    void given_a_backup_from_while_the_lookup_key_was_being_replaced_when_restored_then_that_goes_on()
            throws Exception {
        Path backup = folder.resolve("registry.dump");
        String nextKey = "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8=";
        try (LocalPostgres elsewhere = server()) {
            try (LocalPostgres lost = server();
                    Deployment deployment = new Deployment(lost, lost.jdbcUrl(), null)) {
                RegistryClient registry = deployment
                        .with("REGISTRY_TOKEN_NEXT_LOOKUP_KEY", nextKey)
                        // So that it has begun and goes no further.
                        .with("REGISTRY_MAINTENANCE_INTERVAL", "1h")
                        .start();
                registry.register("before", "ios", "token-before");
                registry.post("/v1/lookup-key:rotate", "");
                registry.register("meanwhile", "ios", "token-meanwhile");

                Tool.PG_DUMP.run("--format=custom", "--file=" + backup, "--dbname=" + Dumps.address(lost));
            }
            Tool.PG_RESTORE.run(
                    "--no-owner", "--exit-on-error", "--dbname=" + Dumps.address(elsewhere), backup.toString());

            try (Deployment restored = new Deployment(elsewhere, elsewhere.jdbcUrl(), null)) {
                RegistryClient registry =
                        restored.with("REGISTRY_TOKEN_NEXT_LOOKUP_KEY", nextKey).start();
                await().atMost(Duration.ofSeconds(20))
                        .until(() ->
                                registry.get("/v1/lookup-key").text("/phase").equals("SINGLE"));

                for (String customer : List.of("before", "meanwhile")) {
                    assertThat(registry.register(customer, "ios", "token-" + customer)
                                    .status())
                            .isEqualTo(200);
                }
            }
        }
    }

    /** @return the cursor of the last change that there is */
    private static String follow(RegistryClient registry, String after) throws Exception {
        Answer page = await().until(
                        () -> registry.get("/v1/changes" + after),
                        answer -> !answer.json().path("changes").isEmpty());
        while (!page.json().path("changes").isEmpty()) {
            page = registry.get("/v1/changes?after=" + page.text("/next"));
        }
        return page.text("/next");
    }

    private static LocalPostgres server() throws Exception {
        return Dumps.oldEnoughServer().map(LocalPostgres::temporary).orElseGet(LocalPostgres::temporary);
    }
}
