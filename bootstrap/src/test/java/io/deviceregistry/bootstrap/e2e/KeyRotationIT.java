package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Encryption keys come and go; a wrong key does no harm. */
class KeyRotationIT {
    private static final String NEXT_KEY = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=";

    @Test
    void a_key_takes_the_place_of_another_while_the_service_runs_and_a_wrong_one_stops_the_start() throws Exception {
        try (Deployment deployment = new Deployment().with("REGISTRY_MAINTENANCE_INTERVAL", "0.1s")) {
            RegistryClient former = deployment
                    .with("REGISTRY_TOKEN_FURTHER_ENCRYPTION_KEYS", NEXT_KEY)
                    .start();
            ServiceProcess replica = deployment.lastReplica();
            String device = former.register("rotated", "ios", "token-rotated").deviceId();
            former.awaitSync("rotated", device, "SYNCED");
            String before = keysInUse(deployment);

            RegistryClient next = deployment
                    .with("REGISTRY_TOKEN_ENCRYPTION_KEY", NEXT_KEY)
                    .with("REGISTRY_TOKEN_FURTHER_ENCRYPTION_KEYS", Deployment.ENCRYPTION_KEY)
                    .start();

            // The replica with the former key in use reads what the other one writes.
            next.register("rotated", "ios", "token-by-next");
            assertThat(former.list("rotated").json().path("devices")).hasSize(2);
            replica.kill();
            forgetWhoUsedTheKeys(deployment);

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(keysInUse(deployment))
                            .hasSize(before.length())
                            .isNotEqualTo(before));
            assertThat(next.list("rotated").text("/devices/0/device_token")).isEqualTo("token-rotated");

            refuses(deployment.without("REGISTRY_TOKEN_FURTHER_ENCRYPTION_KEYS"), "further-encryption-keys");
            refuses(
                    deployment
                            .with("REGISTRY_TOKEN_FURTHER_ENCRYPTION_KEYS", Deployment.ENCRYPTION_KEY)
                            .with("REGISTRY_TOKEN_LOOKUP_KEY", "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8="),
                    "registry.token.lookup-key is not the key that the database was filled with");
        }
    }

    private static void refuses(Deployment deployment, String words) throws InterruptedException {
        assertThat(deployment.launch().awaitEnd()).isNotZero();
        assertThat(deployment.log()).contains(words);
    }

    /** As if some time had passed. */
    private static void forgetWhoUsedTheKeys(Deployment deployment) throws SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("update token_key set last_used_at = now() - interval '1 minute'");
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
