package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import io.deviceregistry.db.LocalPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the service starts, shows itself and fails. */
@Order(1)
class OperationIT {

    /** All that is read before anything is built is told at once, so that one start is enough for it. */
    @Test
    void a_start_without_settings_or_with_some_that_cannot_be_read_is_refused_and_names_each() throws Exception {
        try (Deployment deployment = new Deployment()) {
            List<String> missing = List.of(
                    "REGISTRY_TOKEN_ENCRYPTION_KEY",
                    "REGISTRY_TOKEN_LOOKUP_KEY",
                    "REGISTRY_BUNCE_BASE_URL",
                    "REGISTRY_BUNCE_API_KEY");
            missing.forEach(deployment::without);
            List<String> unreadable = List.of(
                    "REGISTRY_BUNCE_REQUESTS_PER_MINUTE",
                    "REGISTRY_BUNCE_RETIRE",
                    "REGISTRY_API_KEY_ENVIRONMENT",
                    "REGISTRY_HOUSEKEEPING_INTERVAL");
            unreadable.forEach(variable -> deployment.with(variable, "sometimes"));

            ServiceProcess replica = deployment.launch();

            assertThat(replica.awaitEnd()).isNotZero();
            assertThat(namedLikeVariables(deployment.log())).contains(missing).contains(unreadable);
        }
    }

    @Test
    void a_start_without_a_database_is_refused_and_names_the_setting() throws Exception {
        try (Deployment deployment = new Deployment().without("QUARKUS_DATASOURCE_JDBC_URL")) {
            ServiceProcess replica = deployment.launch();

            assertThat(replica.awaitEnd()).isNotZero();
            assertThat(namedLikeVariables(deployment.log())).contains("QUARKUS_DATASOURCE_JDBC_URL");
        }
    }

    /** The variable's name is the key's, in capitals and with underscores. */
    private static String namedLikeVariables(String log) {
        return log.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
    }

    @Test
    void given_a_database_that_a_later_version_migrated_when_started_then_it_serves() throws Exception {
        try (Deployment deployment = new Deployment()) {
            deployment.start();
            try (Connection connection = deployment.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("""
                        insert into flyway_schema_history
                        select installed_rank + 1, '9999', 'of a later version', type, 'V9999__later.sql', 1, installed_by,
                               installed_on, 1, true
                          from flyway_schema_history order by installed_rank desc limit 1""");
            }

            assertThat(deployment.start().register("back", "ios", "back").status())
                    .isEqualTo(201);
        }
    }

    /** One of each object that a wrong setting keeps from being built; its other settings have unit tests. */
    @ParameterizedTest
    @CsvSource({
        "REGISTRY_TOKEN_ENCRYPTION_KEY, c2hvcnQ=, registry.token.encryption-key",
        "REGISTRY_BOOTSTRAP_API_KEY, short, registry.bootstrap-api-key",
        "REGISTRY_REQUESTS_PER_SECOND, 0, registry.requests-per-second",
        "REGISTRY_REQUESTS_PER_SECOND_OF, shop-backend=0, registry.requests-per-second-of",
        "REGISTRY_MAX_CONCURRENT_REQUESTS, 0, registry.max-concurrent-requests",
        "REGISTRY_DEVICE_TYPES, 'ios,Very Smart TV', registry.device-types",
        "REGISTRY_SYNC_LEASE, 5S, registry.sync.lease",
        "REGISTRY_SYNC_WORKERS, 0, registry.sync.workers",
        "REGISTRY_BUNCE_BASE_URL, http://bunce.example.com/v1, registry.bunce.base-url",
        "REGISTRY_MAX_DEVICES_PER_CUSTOMER, 0, registry.max-devices-per-customer",
        "REGISTRY_STALE_AFTER, 'ios=1S,sundial=1S', 'registry.stale-after: \"sundial=1S\"'",
        "REGISTRY_STALE_AFTER_SMART_TV, 1S, does not exist: set registry.stale-after",
        "REGISTRY_MAINTENANCE_INTERVAL, 0.9s, registry.maintenance-interval must be at least a second",
        "REGISTRY_SYNC_REPAIR_INTERVAL, 0.9s, registry.sync.repair-interval must be at least a second"
    })
    void a_start_with_a_wrong_setting_is_refused_and_names_it(String variable, String value, String key)
            throws Exception {
        try (Deployment deployment = new Deployment().with(variable, value)) {
            ServiceProcess replica = deployment.launch();

            assertThat(replica.awaitReady(Duration.ofSeconds(60))).isFalse();
            assertThat(replica.awaitEnd()).isNotZero();
            assertThat(deployment.log()).contains(key);
        }
    }

    @Test
    void what_operators_and_developers_look_at_is_there_without_a_key() throws Exception {
        try (Deployment deployment = new Deployment()) {
            RegistryClient registry = deployment.start();
            registry.register("operated", "ios", "a-token-that-must-not-be-seen");

            assertThat(unauthenticated(registry, "/q/health/live").status()).isEqualTo(200);
            assertThat(registry.send(registry.request("/q/health/ready").header("X-Authorization", "wrong"))
                            .status())
                    .isEqualTo(200);
            assertThat(unauthenticated(registry, "/q/metrics").body())
                    .contains("http_server_requests_seconds_count{method=\"POST\",outcome=\"SUCCESS\",status=\"201\","
                            + "uri=\"/v1/customers/{customer_id}/devices\"} 1");
            assertThat(unauthenticated(registry, "/q/openapi?format=json")
                            .json()
                            .path("paths")
                            .properties())
                    .extracting(Map.Entry::getKey)
                    .contains("/v1/customers/{customer_id}/devices")
                    .allMatch(path -> path.startsWith("/v1/"));
            assertThat(unauthenticated(registry, "/q/swagger-ui/").body()).contains("swagger-ui.css");

            assertThat(deployment.log().lines()).isNotEmpty().allSatisfy(line -> {
                JsonNode entry = Deployment.json(line);
                assertThat(entry.path("level").asText()).isNotEmpty();
                assertThat(entry.path("message").asText()).isNotEmpty();
            });
            assertThat(deployment.log())
                    .doesNotContain("a-token-that-must-not-be-seen")
                    .doesNotContain(Deployment.API_KEY)
                    .doesNotContain(Deployment.BUNCE_KEY);
        }
    }

    private static Answer unauthenticated(RegistryClient registry, String path) throws Exception {
        return registry.send(registry.request(path));
    }

    @Test
    void without_its_database_the_service_lives_but_is_not_ready_and_says_so_to_callers() throws Exception {
        try (LocalPostgres postgres = LocalPostgres.temporary();
                Deployment deployment = new Deployment()
                        .with("QUARKUS_DATASOURCE_JDBC_URL", postgres.jdbcUrl())
                        .with("QUARKUS_DATASOURCE_USERNAME", postgres.username())) {
            RegistryClient registry = deployment.start();

            postgres.close();

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(
                                    unauthenticated(registry, "/q/health/ready").status())
                            .isEqualTo(503));
            assertThat(unauthenticated(registry, "/q/health/live").status()).isEqualTo(200);
            for (Answer answer : new Answer[] {registry.register("lost", "ios", "t"), registry.list("lost")}) {
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.contentType()).isEqualTo("application/problem+json");
                assertThat(answer.json().path("code").asText()).isEqualTo("STORE_UNAVAILABLE");
            }
        }
    }
}
