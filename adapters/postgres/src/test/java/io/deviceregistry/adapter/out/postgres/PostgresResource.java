package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.db.LocalPostgres;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server of its own for the tests of this module, from the programs that the build points to, if any. */
public class PostgresResource implements QuarkusTestResourceLifecycleManager {
    private @Nullable LocalPostgres server;

    @Override
    public Map<String, String> start() {
        String binaries = System.getProperty("postgres.binaries");
        LocalPostgres started =
                binaries == null ? LocalPostgres.temporary() : LocalPostgres.temporary(Path.of(binaries));
        server = started;
        return Map.of(
                "quarkus.datasource.jdbc.url", started.jdbcUrl(),
                "quarkus.datasource.username", started.username(),
                "quarkus.datasource.password", started.password());
    }

    @Override
    public void stop() {
        if (server != null) {
            server.close();
        }
    }
}
