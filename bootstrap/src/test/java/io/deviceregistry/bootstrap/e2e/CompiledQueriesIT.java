package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server may compile a query whose plan looks dear enough, which takes longer than to run it a hundred times; and dear is
 * until PostgreSQL 18 any plan that must not scan and yet does.
 */
class CompiledQueriesIT {

    @Test
    void no_query_is_compiled(@TempDir Path directory) throws Exception {
        try (DistributionPostgres postgres = DistributionPostgres.start(directory);
                Deployment deployment = new Deployment()
                        .with("QUARKUS_DATASOURCE_JDBC_URL", postgres.jdbcUrl())
                        .with("QUARKUS_DATASOURCE_USERNAME", DistributionPostgres.USER)) {
            RegistryClient registry = deployment.start();

            for (int i = 0; i < 10; i++) {
                String customer = "customer-" + i;
                assertThat(registry.register(customer, "android", "token-" + i).status())
                        .isEqualTo(201);
                assertThat(registry.list(customer).status()).isEqualTo(200);
                await().until(() -> !deployment.told(customer).isEmpty());
            }
            assertThat(registry.get("/v1/changes").status()).isEqualTo(200);

            assertThat(postgres.compiledFunctions()).isZero();
            postgres.execute("set jit_above_cost = 0; select sum(i) from generate_series(1, 10) i");
            assertThat(postgres.compiledFunctions())
                    .as("otherwise this server compiles nothing")
                    .isPositive();
        }
    }
}
