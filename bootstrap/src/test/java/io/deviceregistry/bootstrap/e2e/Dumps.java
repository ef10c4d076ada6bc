package io.deviceregistry.bootstrap.e2e;

import io.deviceregistry.bootstrap.deploy.Tool;
import io.deviceregistry.db.LocalPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** What {@code pg_dump} and {@code pg_restore} ask of a server: they refuse one that is newer than they are. */
final class Dumps {
    private static final Pattern MAJOR = Pattern.compile(" (\\d+)");

    private Dumps() {}

    /** The programs of a server that is not newer, if those on the class path are. */
    static Optional<Path> oldEnoughServer() throws IOException, InterruptedException {
        int major = MAJOR.matcher(Tool.PG_DUMP.run("--version"))
                .results()
                .mapToInt(version -> Integer.parseInt(version.group(1)))
                .findFirst()
                .orElseThrow();
        return major < 18 ? Optional.of(Path.of(System.getProperty("postgres.oldest"))) : Optional.empty();
    }

    /** Of the database {@code registry}. */
    static String address(LocalPostgres postgres) {
        return "postgresql://%s:%s@localhost:%d/registry"
                .formatted(postgres.username(), postgres.password(), postgres.port());
    }
}
