package io.deviceregistry.bootstrap.bench;

import io.deviceregistry.db.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
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
    private static final Duration BETWEEN_COUNTS = Duration.ofMillis(200);

    private static final int LEAST_WARM_UPS = 3;
    private static final int MOST_WARM_UPS = 6;

    /** More tell no better whether it is getting faster. */
    private static final int MOST_SECONDS_OF_A_WARM_UP = 15;

    /**
     * By more than this a run is faster than those before while the service is compiling itself, or PostgreSQL's processes
     * meet the pages of a large database for the first time.
     */
    private static final double GETTING_FASTER = 1.05;

    private final Settings settings;
    private final Consumer<String> progress;
    private final Path directory;
    private final Server server;
    private final Stub provider;
    private final Wrk wrk;
    private final PgBench pgbench;
    private final Collection<Service> services = new ConcurrentLinkedQueue<>();
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

    Stub provider() {
        return provider;
    }

    /** For files; gone with all that is in it when this is closed. */
    Path directory() {
        return directory;
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
    void createDatabase(String name) throws InterruptedException {
        server.createDatabase(name);
        start(name, Map.of()).close();
    }

    /** What is done with a service. */
    interface Use {
        void of(Service service) throws InterruptedException;
    }

    /**
     * Starts a service on an empty database of that name, and ends both after its use.
     *
     * @param settings by environment variable, beside those that it cannot do without
     */
    void withService(String database, Map<String, String> settings, Use use) throws InterruptedException {
        endWarmService();
        server.createDatabase(database);
        try (Service service = start(database, settings)) {
            use.of(service);
        }
        // Nothing is to be vacuumed there beside other rows.
        server.dropDatabase(database);
    }

    /** It still tells its provider of what was registered, and nothing is to work beside what is measured. */
    private void endWarmService() {
        if (warm != null) {
            warm.close();
            warm = null;
            server.dropDatabase(REGISTRY);
            server.createDatabase(REGISTRY);
        }
    }

    /** Takes everything out of a database that it learned of devices. */
    void empty(String database) {
        server.execute(database, "truncate customer, device_change, import_job cascade");
    }

    /** Lets the service do what most rows ask of it, until it is not getting faster. */
    void warmUp(Service service) throws InterruptedException {
        double fastest = 0;
        for (int run = 1; run <= MOST_WARM_UPS; run++) {
            int seconds = Math.min(settings.seconds(), MOST_SECONDS_OF_A_WARM_UP);
            double perSecond = wrk.run("registration.lua", service.url(), 128, seconds, Map.of())
                    .perSecond();
            tell("Warming up: %.0f a second".formatted(perSecond));
            if (run >= LEAST_WARM_UPS && perSecond < GETTING_FASTER * fastest) {
                return;
            }
            fastest = Math.max(fastest, perSecond);
        }
    }

    /** One that has answered requests like those of most rows for a while, and serves all rows that ask for it. */
    Service warmService() throws InterruptedException {
        Service service = warm;
        if (service == null) {
            service = start(REGISTRY, Map.of());
            warm = service;
            warmUp(service);
        }
        return service;
    }

    private Service start(String database, Map<String, String> more) throws InterruptedException {
        Service service = Service.start(server, database, provider.url(), directory, more);
        services.add(service);
        return service;
    }

    /**
     * Registrations over HTTP.
     *
     * @throws BenchException if one failed, or the database has not exactly those devices more that were acknowledged, and
     *     at most one for each connection that was cut off while it waited for an answer
     */
    Measured register(Service service, int connections) throws InterruptedException {
        long before = settledCount(service);
        Measured measured = request(service, "registration.lua", connections, Map.of());
        requireStored(service, before, measured.succeeded(), connections);
        return measured;
    }

    /**
     * Registrations over HTTP by callers who take a refusal for an answer.
     *
     * @param pause of each of them after each answer
     * @throws BenchException as {@link #register} does, but a request may be refused if it is told when to repeat it
     */
    Offered offer(Service service, int connections, Duration pause) throws InterruptedException {
        long before = settledCount(service);
        server.checkpoint();
        Cpu cpu = cpu(service);
        Offered offered =
                wrk.offer(service.url(), connections, settings.seconds(), pause).with(cpu.used());
        requireStored(service, before, offered.accepted(), connections);
        return offered;
    }

    private void requireStored(Service service, long before, long acknowledged, int connections)
            throws InterruptedException {
        long stored = settledCount(service) - before;
        if (stored < acknowledged || stored > acknowledged + connections) {
            throw new BenchException(
                    "%d registrations were acknowledged, and %d devices are stored".formatted(acknowledged, stored));
        }
    }

    /** Of devices, when those have been stored too that a run asked for just before its end. */
    private long settledCount(Service service) throws InterruptedException {
        String sql = "select count(*) from device";
        long before;
        long count = server.count(service.database(), sql);
        do {
            Thread.sleep(BETWEEN_COUNTS);
            before = count;
            count = server.count(service.database(), sql);
        } while (count != before);
        return count;
    }

    /** @throws BenchException if one failed */
    Measured request(Service service, String script, int connections, Map<String, String> variables)
            throws InterruptedException {
        return withoutFailure(
                measured(service, () -> wrk.run(script, service.url(), connections, settings.seconds(), variables)));
    }

    /** Requests to the provider, with nothing in between. */
    Measured requestProvider(String script, int connections) throws InterruptedException {
        return withoutFailure(
                measured(null, () -> wrk.run(script, provider.url(), connections, settings.seconds(), Map.of())));
    }

    Measured pgbench(String script, String database, int clients, Map<String, Integer> variables)
            throws InterruptedException {
        return measured(null, () -> pgbench.run(script, database, clients, settings.seconds(), variables));
    }

    /** Processor time used from here on. */
    Cpu cpu(@Nullable Service service) {
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
        services.forEach(Service::close);
        provider.close();
        server.close();
        try {
            Directories.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
