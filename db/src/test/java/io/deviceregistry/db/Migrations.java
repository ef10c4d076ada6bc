package io.deviceregistry.db;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.output.MigrateResult;

/** Makes the schema, as it is or as it was. */
public final class Migrations {
    private final LocalPostgres postgres;
    private final String database;

    /** @param database the JDBC URL of one of the server's */
    public Migrations(LocalPostgres postgres, String database) {
        this.postgres = postgres;
        this.database = database;
    }

    /** @param version the last that is carried out */
    public void runTo(String version) {
        upTo(MigrationVersion.fromVersion(version)).migrate();
    }

    MigrateResult run() {
        return upTo(MigrationVersion.LATEST).migrate();
    }

    /** @throws org.flywaydb.core.api.FlywayException if the schema is not what they all make */
    void validate() {
        upTo(MigrationVersion.LATEST).validate();
    }

    private Flyway upTo(MigrationVersion version) {
        return Flyway.configure()
                .dataSource(database, postgres.username(), postgres.password())
                .locations("classpath:db/migration")
                .failOnMissingLocations(true)
                .target(version)
                .load();
    }
}
