package io.deviceregistry.bootstrap.bench;

import io.deviceregistry.db.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What rows are measured on: a database server and a provider, started once; services as a row wants them. What is written
 * on the one side and on the other goes to databases of the same server that have the same schema, so that the service
 * never works on what pgbench wrote.
 */
final class Scene implements AutoCloseable {
    /** Of pgbench. */
    static final String REFERENCE = "reference";

    private static final String REGISTRY = "registry";

    private final Settings settings;
    private final Consumer<String> progress;
    private final Path directory;
    private final Server server;
    private final Stub provider;
    private final Wrk wrk;
    private final PgBench pgbench;
    private @Nullable Service warm;
    private boolean closed;

    /** @param progress is told, line by line, what happens */
    Scene(Settings settings, Path parent, Consumer<String> progress) throws InterruptedException {
        this.settings = settings;
        this.progress = progress;
        Program.WRK.path();
        Program.PGBENCH.path();
        try {
            Files.createDirectories(parent);
            directory = Files.createTempDirectory(parent, "run-").toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = new Server(directory);
        provider = new Stub();
        wrk = new Wrk(directory);
        pgbench = new PgBench(server, directory);
        createDatabase(REFERENCE);
    }

    Settings settings() {
        return settings;
    }

    Server server() {
        return server;
    }

    void tell(String line) {
        progress.accept(line);
    }

    /** Empty, with the schema of the service. */
    private void createDatabase(String name) throws InterruptedException {
        server.createDatabase(name);
        start(name).close();
    }

    /** One that has answered requests like those of most rows for a while, and serves all rows that ask for it. */
    Service warmService() throws InterruptedException {
        Service service = warm;
        if (service == null) {
            tell("Warming up ...");
            service = start(REGISTRY);
            warm = service;
            wrk.run("registration.lua", service.url(), 128, 2 * settings.seconds(), Map.of());
        }
        return service;
    }

    private Service start(String database) throws InterruptedException {
        return Service.start(server, database, provider.url(), directory);
    }

    /**
     * Registrations over HTTP.
     *
     * @throws BenchException if one failed, or the database has not exactly those devices more that were acknowledged, and
     *     at most one for each connection that was cut off while it waited for an answer
     */
    Measured register(Service service, int connections) throws InterruptedException {
        String count = "select count(*) from device";
        long before = server.count(service.database(), count);
        Measured measured = request(service, "registration.lua", connections, Map.of());
        long stored = server.count(service.database(), count) - before;
        if (stored < measured.succeeded() || stored > measured.succeeded() + connections) {
            throw new BenchException("%d registrations were acknowledged, and %d devices are stored"
                    .formatted(measured.succeeded(), stored));
        }
        return measured;
    }

    /** @throws BenchException if one failed */
    Measured request(Service service, String script, int connections, Map<String, String> variables)
            throws InterruptedException {
        return withoutFailure(
                measured(service, () -> wrk.run(script, service.url(), connections, settings.seconds(), variables)));
    }

    Measured pgbench(String script, String database, int clients, Map<String, Integer> variables)
            throws InterruptedException {
        return measured(null, () -> pgbench.run(script, database, clients, settings.seconds(), variables));
    }

    /** Processor time used from here on. */
    private Cpu cpu(@Nullable Service service) {
        Map<String, Long> processes = new LinkedHashMap<>();
        if (service != null) {
            processes.put("service", service.pid());
        }
        processes.put("postgresql", server.pid());
        processes.put("provider", provider.pid());
        return Cpu.since(processes);
    }

    private Measured measured(@Nullable Service service, Callable<Measured> run) throws InterruptedException {
        server.checkpoint();
        Cpu cpu = cpu(service);
        try {
            return run.call().with(cpu.used());
        } catch (InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Measured withoutFailure(Measured measured) {
        if (measured.failed() > 0) {
            throw new BenchException("%d requests failed".formatted(measured.failed()));
        }
        return measured;
    }

    /** Repeatable. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (warm != null) {
            warm.close();
        }
        provider.close();
        server.close();
        try {
            Directories.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
