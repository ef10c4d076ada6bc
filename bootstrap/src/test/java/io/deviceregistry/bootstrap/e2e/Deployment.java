package io.deviceregistry.bootstrap.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import io.deviceregistry.db.LocalPostgres;
import io.deviceregistry.db.Migrations;
import io.deviceregistry.sandbox.bunce.Behaviour;
import io.deviceregistry.sandbox.bunce.BunceSandbox;
import io.deviceregistry.sandbox.bunce.RecordedRequest;
import io.deviceregistry.sandbox.bunce.SandboxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A database, a Bunce and any number of replicas of the service, each of which can be taken away. */
final class Deployment implements AutoCloseable {
    static final String API_KEY = "an-api-key-for-the-end-to-end-tests";
    static final String BUNCE_KEY = "sk_test_end_to_end";
    static final String ENCRYPTION_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    static final String LOOKUP_KEY = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    private static final JsonMapper MAPPER = new JsonMapper();

    /** One server for all tests of this JVM, which it ends with; each deployment has a database of its own. */
    private static final LocalPostgres POSTGRES = LocalPostgres.temporary();

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final LocalPostgres postgres;
    private final String database;
    private final @Nullable Path journal;
    private final Path output;
    private final Deque<ServiceProcess> replicas = new ArrayDeque<>();
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable BunceSandbox bunce;
    private int buncePort;

    Deployment() {
        this(POSTGRES, newDatabase(), null);
    }

    /** With the database of an earlier version of the schema. */
    static Deployment migratedTo(String version) {
        String database = newDatabase();
        new Migrations(POSTGRES, database).runTo(version);
        return new Deployment(POSTGRES, database, null);
    }

    private static String newDatabase() {
        return POSTGRES.createDatabase("registry_" + DATABASES.incrementAndGet());
    }

    /**
     * With a database that outlives it.
     *
     * @param journal where Bunce keeps its record, or null for in its memory only
     */
    Deployment(LocalPostgres postgres, String database, @Nullable Path journal) {
        this.postgres = postgres;
        this.database = database;
        this.journal = journal;
        try {
            output = Files.createTempFile("registry-e2e", ".log");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        startBunce();
        environment.put("JAVA_OPTS", ServiceProcess.SHORT_LIVED);
        // Tests count what Bunce is asked.
        environment.put("REGISTRY_SYNC_COMPARISON_PACE", "0S");
        environment.putAll(Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL",
                database,
                "QUARKUS_DATASOURCE_USERNAME",
                postgres.username(),
                "QUARKUS_DATASOURCE_PASSWORD",
                postgres.password(),
                "REGISTRY_BUNCE_BASE_URL",
                "http://127.0.0.1:" + buncePort + "/v1",
                "REGISTRY_BUNCE_API_KEY",
                BUNCE_KEY,
                "REGISTRY_BUNCE_REQUESTS_PER_MINUTE",
                "0",
                "REGISTRY_TOKEN_ENCRYPTION_KEY",
                ENCRYPTION_KEY,
                "REGISTRY_TOKEN_LOOKUP_KEY",
                LOOKUP_KEY,
                "REGISTRY_BOOTSTRAP_API_KEY",
                API_KEY));
    }

    /** Sets a variable for the replicas that are started from now on. */
    Deployment with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Deployment without(String variable) {
        environment.remove(variable);
        return this;
    }

    /** What a replica that is started now is told, but for its port. */
    Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /** Returns before the replica is ready. */
    ServiceProcess launch() {
        ServiceProcess replica = ServiceProcess.start(environment(), 0, output);
        replicas.push(replica);
        return replica;
    }

    /** One of another version, given by its {@code quarkus-run.jar}. */
    ServiceProcess launch(Path service) {
        ServiceProcess replica = ServiceProcess.start(service, environment(), 0, output);
        replicas.push(replica);
        return replica;
    }

    /** One more replica, ready. */
    RegistryClient start() {
        return ready(launch());
    }

    RegistryClient ready(ServiceProcess replica) {
        try {
            if (!replica.awaitReady(Duration.ofSeconds(60))) {
                throw new AssertionError("The service did not become ready:\n" + log());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return new RegistryClient(replica.url(), API_KEY);
    }

    /** To the database of the replicas, as their role. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(database, postgres.username(), postgres.password());
    }

    /** The replica that was started last. */
    ServiceProcess lastReplica() {
        return replicas.element();
    }

    /** What all replicas printed so far. */
    String log() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** On the same port as before, if there was one before. */
    void startBunce() {
        BunceSandbox started = BunceSandbox.start(new SandboxOptions(buncePort, BUNCE_KEY, journal));
        started.behave(Behaviour.normal().withRequestsPerMinute(0));
        bunce = started;
        buncePort = started.baseUrl().getPort();
    }

    void stopBunce() {
        bunce().close();
    }

    BunceSandbox bunce() {
        return Objects.requireNonNull(bunce);
    }

    /** What Bunce was asked about a customer, in the order in which it was. */
    List<RecordedRequest> bunceRequests(String customer) {
        return bunce().requests().stream()
                .filter(request -> request.path().equals("/v1/customers/" + customer + "/devices"))
                .toList();
    }

    /**
     * What Bunce was told of devices of these customers, in the order in which it was: {@code customer + token} for one
     * that is new there, {@code customer token -> next} for one that changed.
     */
    List<String> told(String... customers) {
        List<String> told = new ArrayList<>();
        // There can be thousands of either.
        Map<String, String> customersOf = new HashMap<>();
        for (String customer : customers) {
            customersOf.put("/v1/customers/" + customer + "/devices", customer);
        }
        for (RecordedRequest request : bunce().requests()) {
            String customer = customersOf.get(request.path());
            if (customer != null) {
                JsonNode body = json(request.body());
                body.path("devices")
                        .forEach(device -> told.add(
                                customer + " + " + device.path("device_token").asText()));
                if (request.method().equals("PATCH")) {
                    told.add("%s %s -> %s"
                            .formatted(
                                    customer,
                                    body.path("current_device_token").asText(),
                                    body.path("device_token").asText()));
                }
            }
        }
        return told;
    }

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("Not JSON: " + text, e);
        }
    }

    @Override
    public void close() {
        replicas.forEach(ServiceProcess::close);
        bunce().close();
        try {
            Files.delete(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
