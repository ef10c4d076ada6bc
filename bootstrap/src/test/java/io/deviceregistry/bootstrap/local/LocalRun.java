package io.deviceregistry.bootstrap.local;

import io.deviceregistry.db.LocalPostgres;
import io.deviceregistry.sandbox.bunce.Behaviour;
import io.deviceregistry.sandbox.bunce.BunceSandbox;
import io.deviceregistry.sandbox.bunce.SandboxOptions;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Starts what the environment does not name, a PostgreSQL and a Bunce sandbox, then the packaged service with all its
 * settings; stops everything when it is asked to end, and when the service ends.
 */
public final class LocalRun {

    static final String DEVELOPMENT_KEY = "local-development-key-not-secret";

    private static final String JDBC_URL = "QUARKUS_DATASOURCE_JDBC_URL";
    private static final String USERNAME = "QUARKUS_DATASOURCE_USERNAME";
    private static final String PASSWORD = "QUARKUS_DATASOURCE_PASSWORD";
    private static final String HTTP_PORT = "QUARKUS_HTTP_PORT";
    private static final String HTTP_HOST = "QUARKUS_HTTP_HOST";
    private static final String PLAIN_LOG = "QUARKUS_LOG_CONSOLE_JSON_ENABLED";
    private static final String BUNCE_URL = "REGISTRY_BUNCE_BASE_URL";
    private static final String BUNCE_KEY = "REGISTRY_BUNCE_API_KEY";
    private static final String BUNCE_LIMIT = "REGISTRY_BUNCE_REQUESTS_PER_MINUTE";
    private static final String SANDBOX_PORT = "REGISTRY_SANDBOX_PORT";
    private static final String ENCRYPTION_KEY = "REGISTRY_TOKEN_ENCRYPTION_KEY";
    private static final String LOOKUP_KEY = "REGISTRY_TOKEN_LOOKUP_KEY";
    private static final String BOOTSTRAP_KEY = "REGISTRY_BOOTSTRAP_API_KEY";

    private static final String DATA_DIR = "REGISTRY_DATA_DIR";
    /** Held here because a logger that nobody holds is forgotten, its level with it. */
    private static final Logger LIBRARIES = Logger.getLogger("io.zonky");

    private static final String SANDBOX_KEY = "sk_test_local";
    private static final int DEFAULT_HTTP_PORT = 8080;
    private static final int DEFAULT_SANDBOX_PORT = 8090;
    private static final Duration AS_LONG_AS_IT_TAKES = Duration.ofDays(1);
    /** Ctrl-C reaches the service, too: its end may be seen before the wish to stop. */
    private static final Duration STOP_MAY_FOLLOW = Duration.ofSeconds(1);

    private final Environment environment;
    private final Path home;
    private final PrintStream out;
    private final StartedParts parts = new StartedParts();
    private final Map<String, String> settings;

    LocalRun(Environment environment, Path home, PrintStream out) {
        this.environment = environment;
        this.home = home;
        this.out = out;
        this.settings = new HashMap<>(environment.variables());
        // For the launcher; the service knows nothing of them.
        settings.keySet().removeAll(Set.of(SANDBOX_PORT, "REGISTRY_SKIP_BUILD"));
    }

    public static void main(String[] arguments) throws InterruptedException {
        quietLibraries();
        LocalRun run = new LocalRun(
                new Environment(System.getenv()), Path.of(System.getProperty("registry.home", "")), System.out);
        Runtime.getRuntime().addShutdownHook(new Thread(run.parts::stop, "stop"));
        int exitCode;
        try {
            exitCode = run.run();
        } catch (CannotRunException e) {
            System.err.println(e.getMessage());
            exitCode = 1;
        }
        System.exit(exitCode);
    }

    private int run() throws InterruptedException {
        if (environment.get(BUNCE_URL).isPresent() && environment.get(BUNCE_KEY).isEmpty()) {
            throw new CannotRunException(
                    "With %s set, %s must be set to the key of that Bunce.".formatted(BUNCE_URL, BUNCE_KEY));
        }
        int port = environment.port(HTTP_PORT).orElse(DEFAULT_HTTP_PORT);
        int sandboxPort = environment.port(SANDBOX_PORT).orElse(DEFAULT_SANDBOX_PORT);
        DataDirectory data =
                DataDirectory.open(environment.get(DATA_DIR).map(Path::of).orElseGet(() -> home.resolve(".data")));
        boolean ownDatabase = environment.get(JDBC_URL).isEmpty();
        if (ownDatabase) {
            parts.start(data::lock);
        }
        for (long orphan : data.services().stopOrphans()) {
            out.println("Stopped process " + orphan + ", a service whose launcher had been killed.");
        }
        Ports.obstacle(port).ifPresent(obstacle -> {
            throw new CannotRunException(
                    "Port %d cannot be listened on (%s): set %s to a free one.".formatted(port, obstacle, HTTP_PORT));
        });

        Banner banner = new Banner();
        if (ownDatabase) {
            startDatabase(data, banner);
        } else {
            banner.otherDatabase(environment.get(JDBC_URL).orElseThrow());
        }
        if (environment.get(BUNCE_URL).isEmpty()) {
            startSandbox(sandboxPort, ownDatabase ? data.sandboxJournal() : null, banner);
        }
        giveTokenKeys(data.secrets(), ownDatabase);
        giveBootstrapKey(banner);
        settings.putIfAbsent(PLAIN_LOG, "false");

        ServiceProcess service = parts.start(() -> ServiceProcess.start(settings, port, null));
        parts.start(() -> data.services().add(service.handle()));
        if (service.awaitReady(AS_LONG_AS_IT_TAKES)) {
            out.println(banner.text(service.url()));
        }
        int exitCode = service.awaitEnd();
        if (!parts.stopsWithin(STOP_MAY_FOLLOW)) {
            System.err.println("The service has ended by itself, with exit code " + exitCode + ".");
        }
        return exitCode == 0 ? 1 : exitCode;
    }

    private void startDatabase(DataDirectory data, Banner banner) {
        LocalPostgres postgres;
        try {
            postgres = parts.start(() -> LocalPostgres.persistent(data.postgresql()));
        } catch (IllegalStateException | UncheckedIOException e) {
            throw new CannotRunException(e.getMessage() + ".", e);
        }
        settings.put(JDBC_URL, postgres.jdbcUrl());
        settings.put(USERNAME, postgres.username());
        settings.put(PASSWORD, postgres.password());
        // Complete in itself, to be handed on as one value.
        String url = "%s?user=%s&password=%s".formatted(postgres.jdbcUrl(), postgres.username(), postgres.password());
        banner.ownDatabase(url, data.path(), environment.get(DATA_DIR).isPresent());
    }

    private void startSandbox(int port, @Nullable Path journal, Banner banner) {
        boolean chosen = environment.get(SANDBOX_PORT).isPresent();
        Optional<String> obstacle = Ports.obstacle(port);
        if (chosen && obstacle.isPresent()) {
            throw new CannotRunException("The sandbox cannot listen on port %d (%s): set %s to a free one."
                    .formatted(port, obstacle.get(), SANDBOX_PORT));
        }
        BunceSandbox sandbox;
        try {
            sandbox = parts.start(() ->
                    BunceSandbox.start(new SandboxOptions(obstacle.isPresent() ? 0 : port, SANDBOX_KEY, journal)));
        } catch (IllegalStateException | UncheckedIOException e) {
            throw new CannotRunException(String.valueOf(e.getMessage()), e);
        }
        if (environment.get(BUNCE_LIMIT).isPresent()) {
            // A Bunce with another limit is wanted; the sandbox's own would get in its way.
            sandbox.behave(Behaviour.normal().withRequestsPerMinute(0));
        }
        settings.put(BUNCE_URL, sandbox.baseUrl().toString());
        // In place of a real one as well, which is none of the sandbox's business.
        settings.put(BUNCE_KEY, SANDBOX_KEY);
        banner.sandbox(sandbox.baseUrl(), SANDBOX_KEY);
    }

    private void giveTokenKeys(Secrets secrets, boolean ownDatabase) {
        boolean complete = environment.get(ENCRYPTION_KEY).isPresent()
                && environment.get(LOOKUP_KEY).isPresent();
        if (complete) {
            return;
        }
        settings.put(
                ENCRYPTION_KEY, environment.get(ENCRYPTION_KEY).orElseGet(() -> secrets.key("token-encryption-key")));
        settings.put(LOOKUP_KEY, environment.get(LOOKUP_KEY).orElseGet(() -> secrets.key("token-lookup-key")));
        if (!ownDatabase) {
            out.println(
                    "%s and %s, where not set, are those of the data directory; all replicas of a database share them."
                            .formatted(ENCRYPTION_KEY, LOOKUP_KEY));
        }
    }

    private void giveBootstrapKey(Banner banner) {
        if (environment.get(BOOTSTRAP_KEY).isPresent()) {
            return;
        }
        settings.put(BOOTSTRAP_KEY, DEVELOPMENT_KEY);
        // Everybody knows that key, so nobody but this machine shall be able to use it.
        boolean onlyHere = environment.get(HTTP_HOST).isEmpty();
        if (onlyHere) {
            settings.put(HTTP_HOST, "localhost");
        }
        banner.developmentKey(DEVELOPMENT_KEY);
        out.println("%s is not set: the API key is the well-known %s%s."
                .formatted(
                        BOOTSTRAP_KEY,
                        DEVELOPMENT_KEY,
                        onlyHere ? ", and the service listens on this machine's loopback address only" : ""));
    }

    /** What they tell about every start belongs into no terminal. */
    private static void quietLibraries() {
        LIBRARIES.setLevel(Level.WARNING);
    }
}
