package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.CommandLineRun.Result;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Encryption keys come and go, as {@code ./registry rotate-keys} tells; a wrong key does no harm. */
@Order(9)
class KeyRotationIT {
    private static final String NEXT_KEY = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=";

    @Test
    void a_key_takes_the_place_of_another_while_the_service_runs_and_a_wrong_one_stops_the_start() throws Exception {
        try (Deployment deployment = new Deployment().with("REGISTRY_MAINTENANCE_BATCH_SIZE", "10")) {
            RegistryClient former = deployment
                    .with("REGISTRY_TOKEN_FURTHER_ENCRYPTION_KEYS", NEXT_KEY)
                    .start();
            ServiceProcess replica = deployment.lastReplica();
            String device = former.register("rotated", "ios", "token-rotated").deviceId();
            former.awaitSync("rotated", device, "SYNCED");
            for (int i = 0; i < 25; i++) {
                former.register("watched-" + i, "ios", "watched-" + i);
            }
            former.post(
                    "/v1/customers/rotated/devices",
                    "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"token-rotated\"}]}",
                    "Idempotency-Key",
                    "rotated");
            String before = keysInUse(deployment);

            RegistryClient next = deployment
                    .with("REGISTRY_TOKEN_ENCRYPTION_KEY", NEXT_KEY)
                    .with("REGISTRY_TOKEN_FURTHER_ENCRYPTION_KEYS", Deployment.ENCRYPTION_KEY)
                    .start();

            // The replica with the former key in use reads what the other one writes.
            next.register("rotated", "ios", "token-by-next");
            assertThat(former.list("rotated").json().path("devices")).hasSize(2);
            Result both = command(next, "--once");
            CommandLineRun watching = watch(next);
            replica.kill();
            execute(deployment, "update token_key set last_used_at = now() - interval '1 minute'");

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(keysInUse(deployment))
                            .hasSize(before.length())
                            .isNotEqualTo(before));
            assertThat(next.list("rotated").text("/devices/0/device_token")).isEqualTo("token-rotated");
            watching.interrupt();
            Result interrupted = watching.result();
            Result needed = command(next, "--once");

            refuses(deployment.without("REGISTRY_TOKEN_FURTHER_ENCRYPTION_KEYS"), "further-encryption-keys");
            refuses(
                    deployment
                            .with("REGISTRY_TOKEN_FURTHER_ENCRYPTION_KEYS", Deployment.ENCRYPTION_KEY)
                            .with("REGISTRY_TOKEN_LOOKUP_KEY", "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8="),
                    "registry.token.lookup-key is not the key that the database was filled with");

            // As if an hour and a day had passed.
            execute(deployment, "delete from idempotency_record");
            execute(deployment, "update walk set begun_at = begun_at - interval '1 day'");
            execute(
                    deployment,
                    "update token_key set last_used_at = last_used_at - interval '2 hours', found_at = null"
                            + " where encode(id, 'hex') = '" + before + "'");
            Result done = command(next);

            assertThat(both.code()).as(both.err()).isEqualTo(3);
            assertThat(both.out()).containsPattern(before + " +ACTIVE");
            assertThat(interrupted.code()).isEqualTo(130);
            assertThat(interrupted.err()).contains("The service goes on by itself");
            assertThat(needed.code()).as(needed.err()).isEqualTo(3);
            assertThat(needed.out()).containsPattern(before + " +DECRYPT_ONLY +\\S+ +0 +0 +1 +0");
            assertThat(done.code()).as(done.err()).isZero();
            assertThat(done.out()).contains("No key is needed but " + keysInUse(deployment));
            assertThat(next.get("/v1/encryption-keys").text("/encryption_keys/1/state"))
                    .isEqualTo("RETIRED");
        }
    }

    private static CommandLineRun watch(RegistryClient registry, String... arguments) throws IOException {
        return CommandLineRun.of(
                registry.url(), Map.of("REGISTRY_API_KEY", Deployment.API_KEY), "rotate-keys", arguments);
    }

    private static Result command(RegistryClient registry, String... arguments) throws Exception {
        return watch(registry, arguments).result();
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

    /** By which keys the device's token, and the one that Bunce holds, are encrypted. */
    private static String keysInUse(Deployment deployment) throws SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select string_agg(distinct encode(substring(cipher from 2 for 4), 'hex'), ',')
                          from (select token_cipher as cipher from device
                                union all select held_token_cipher from device_sync) all_of_them""")) {
            row.next();
            return row.getString(1);
        }
    }
}
