package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.deviceregistry.bootstrap.local.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * PostgreSQL as Debian packages it. Unlike the one that the other tests use it can compile queries, as most servers in
 * production can.
 */
final class DistributionPostgres implements AutoCloseable {
    static final String USER = "registry";

    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private final Process server;
    private final int port;
    private final Path log;

    private DistributionPostgres(Process server, int port, Path log) {
        this.server = server;
        this.port = port;
        this.log = log;
    }

    /** Ends the test if there is none: where somebody works it may be missing, in CI it must be there. */
    static DistributionPostgres start(Path directory) throws IOException, InterruptedException {
        Path programs = programs();
        Path data = directory.resolve("data");
        Path log = directory.resolve("log");
        Process initdb = run(log, programs.resolve("initdb"), "-D" + data, "-U" + USER, "--auth=trust", "--no-sync");
        assertThat(initdb.waitFor()).as(() -> contentOf(log.toFile())).isZero();
        int port = Ports.free();
        DistributionPostgres started = new DistributionPostgres(
                run(
                        log,
                        programs.resolve("postgres"),
                        "-D" + data,
                        "-p" + port,
                        "-cfsync=off",
                        "-cunix_socket_directories=",
                        "-cshared_preload_libraries=pg_stat_statements"),
                port,
                log);
        try {
            await().atMost(Duration.ofMinutes(1)).until(started::answers);
            started.execute("create extension pg_stat_statements");
            return started;
        } catch (RuntimeException | Error e) {
            started.close();
            throw e;
        }
    }

    private static Path programs() throws IOException {
        if (Files.isDirectory(VERSIONS)) {
            try (Stream<Path> versions = Files.list(VERSIONS)) {
                List<Path> newestFirst = versions.map(version -> version.resolve("bin"))
                        .filter(programs -> Files.isExecutable(programs.resolve("postgres")))
                        .sorted(Comparator.<Path>naturalOrder().reversed())
                        .toList();
                if (!newestFirst.isEmpty()) {
                    return newestFirst.getFirst();
                }
            }
        }
        String message = "There is no server in %s; Debian's package \"postgresql\" has it".formatted(VERSIONS);
        return System.getenv("CI") == null ? abort(message) : fail(message);
    }

    /** PostgreSQL refuses to run as root, and takes it for somebody else in a namespace of users. */
    private static Process run(Path log, Path program, String... arguments) throws IOException {
        List<String> line = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            line.addAll(List.of("unshare", "--user"));
        }
        line.add(program.toString());
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port);
    }

    /** How many functions the server compiled since it started. */
    long compiledFunctions() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select coalesce(sum(jit_functions), 0) from pg_stat_statements")) {
            row.next();
            return row.getLong(1);
        }
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("The server refused: " + sql, e);
        }
    }

    private boolean answers() {
        try (Connection _ = connect()) {
            return true;
        } catch (SQLException _) {
            if (!server.isAlive()) {
                throw new IllegalStateException("The server ended:\n" + contentOf(log.toFile()));
            }
            return false;
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), USER, "");
    }

    /** At once, with what it has not written yet. */
    @Override
    public void close() throws InterruptedException {
        server.destroy();
        if (!server.waitFor(20, TimeUnit.SECONDS)) {
            server.destroyForcibly();
        }
    }
}
