package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The previous release and this one side by side, as in an upgrade: {@code ./registry upgrade-test}. No test of the build,
 * because that would build the previous release too. Tells what it does, and ends with 1 if anything is not as it should
 * be.
 */
public final class Upgrade {
    private static final int CALLERS = 8;
    private static final int SEED = 1;
    private static final int REGISTRATIONS = 300;
    private static final String NEXT_LOOKUP_KEY = "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8=";

    /** By its newest migration: older ones know of one lookup key, or are taken for such. */
    private static final int FIRST_THAT_SAYS_THAT_IT_KNOWS_PHASES = 11;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Longer than the balancer needs to see that a replica stops. */
    private static final String SHUTDOWN_DELAY = "2S";

    private final Path previous;
    private final Deployment deployment;
    private final Balancer balancer;
    private final Load load;

    private Upgrade(Path previous, Deployment deployment, Balancer balancer) {
        this.previous = previous;
        this.deployment = deployment.with("QUARKUS_SHUTDOWN_DELAY", SHUTDOWN_DELAY);
        this.balancer = balancer;
        this.load = new Load(() -> List.of(balancer.next()), () -> false, CALLERS, SEED);
    }

    /** @param arguments the {@code quarkus-run.jar} of the previous release */
    public static void main(String[] arguments) throws Exception {
        try (Deployment deployment = new Deployment();
                Balancer balancer = new Balancer()) {
            // Ctrl-C, and a failure, shall not leave processes behind.
            new Upgrade(Path.of(arguments[0]), deployment, balancer).run();
        } catch (AssertionError e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
        System.exit(0);
    }

    private void run() throws Exception {
        ServiceProcess old = deployment.launch(previous);
        RegistryClient before = added(old);
        String oldest = newestMigration();
        load.start();
        awaitRegistrations();
        tell("The previous release serves, on migration " + oldest);

        ServiceProcess next = deployment.launch();
        RegistryClient after = added(next);
        String newest = newestMigration();
        assertThat(newest)
                .as("the newest migration, which this version should have added")
                .isNotEqualTo(oldest);
        awaitRegistrations();
        quiesce();
        assertNoRequestFailed();
        tell("This release migrated to %s and serves beside it: no request of %,d failed"
                .formatted(newest, load.acknowledged()));

        assertThat(devicesOf(before, load.known())).isEqualTo(devicesOf(after, load.known()));
        register(before, after, "by-the-previous");
        register(after, before, "by-the-next");
        tell("Each sees what the other one stored");

        syncsAlone(deployment.lastReplica(), before, "synced-by-the-previous");
        syncsAlone(old, after, "synced-by-the-next");
        tell("Each brings Bunce to the state of the database");

        load.allow(REGISTRATIONS);
        old.handle().destroy();
        old.handle().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(old.awaitEnd())
                .as("the code with which the previous release ended")
                .isIn(0, 143);
        awaitRegistrations();
        quiesce();
        assertNoRequestFailed();
        tell("The previous release stopped under load: no request of %,d failed".formatted(load.acknowledged()));

        // A default since the release after the first previous one.
        deployment.with("QUARKUS_FLYWAY_IGNORE_MIGRATION_PATTERNS", "*:future");
        RegistryClient back = added(deployment.launch(previous));
        register(back, after, "after-the-way-back");
        back.awaitSync("after-the-way-back", id(back, "after-the-way-back"), "SYNCED");
        load.finish();
        assertNoRequestFailed();
        assertThat(devicesOf(back, load.known())).isEqualTo(devicesOf(after, load.known()));
        assertThat(deployment.log()).doesNotContain("\"level\":\"ERROR\"");
        tell("The previous release starts on the migrated database, to go back to");

        if (Integer.parseInt(oldest) < FIRST_THAT_SAYS_THAT_IT_KNOWS_PHASES) {
            next.kill();
            replaceLookupKeyBeside(back);
            tell("The previous release stores nothing while the lookup key is replaced, nor afterwards");
        }
    }

    /** Nobody should let it run then, but somebody may. */
    private void replaceLookupKeyBeside(RegistryClient back) throws Exception {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            // As if half a minute had passed.
            statement.execute("update token_lookup_known set last_seen_at = now() - interval '1 minute'");
        }
        RegistryClient replacing = deployment
                .with("REGISTRY_TOKEN_NEXT_LOOKUP_KEY", NEXT_LOOKUP_KEY)
                .start();
        assertThat(replacing.post("/v1/lookup-key:rotate", "").status()).isEqualTo(200);
        assertThat(back.register("while-replaced", "ios", "while-replaced").status())
                .isEqualTo(503);
        await().atMost(PATIENCE)
                .until(() -> replacing.get("/v1/lookup-key").text("/phase").equals("SINGLE"));
        for (String known : List.of("by-the-previous", "by-the-next")) {
            assertThat(back.register(known, "ios", known).status()).isEqualTo(503);
            assertThat(replacing.register(known, "ios", known).status()).isEqualTo(200);
        }
        assertThat(replacing.list("while-replaced").json().path("devices")).isEmpty();
    }

    private static void tell(String line) {
        System.out.println(line);
    }

    private RegistryClient added(ServiceProcess replica) {
        RegistryClient ready = deployment.ready(replica);
        balancer.add(ready.url());
        await().atMost(PATIENCE).until(() -> balancer.isInRotation(ready.url()));
        return ready;
    }

    private void awaitRegistrations() {
        long enough = load.registered() + REGISTRATIONS;
        await().atMost(PATIENCE).until(() -> {
            if (load.allowed() < enough) {
                load.allow(REGISTRATIONS);
            }
            return load.registered() >= enough;
        });
    }

    /** Returns when callers have nothing to do any more. */
    private void quiesce() {
        load.awaitSilence(Duration.ofMillis(500), PATIENCE);
    }

    private void assertNoRequestFailed() {
        assertThat(load.faults()).isEmpty();
        assertThat(load.repeated()).as("requests that had to be repeated").isZero();
    }

    private String newestMigration() throws SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select version from flyway_schema_history where success order by installed_rank desc limit 1")) {
            row.next();
            return row.getString("version");
        }
    }

    /** As this replica tells them, in words that both versions have. */
    private static List<String> devicesOf(RegistryClient registry, List<KnownDevice> known)
            throws IOException, InterruptedException {
        List<String> devices = new ArrayList<>();
        for (String customer :
                known.stream().map(KnownDevice::customer).distinct().toList()) {
            for (JsonNode device : registry.list(customer).json().path("devices")) {
                devices.add("%s %s %s %s %s"
                        .formatted(
                                customer,
                                device.path("device_id").asText(),
                                device.path("device_token").asText(),
                                device.path("status").asText(),
                                device.path("version").asText()));
            }
        }
        return devices;
    }

    /** At one, and sees it at the other, which finds the token, too. */
    private static void register(RegistryClient one, RegistryClient other, String name)
            throws IOException, InterruptedException {
        assertThat(one.register(name, "ios", name).status()).isEqualTo(201);
        assertThat(other.list(name).text("/devices/0/device_token")).isEqualTo(name);
        assertThat(other.register(name, "ios", name).status()).isEqualTo(200);
    }

    private static String id(RegistryClient registry, String customer) throws IOException, InterruptedException {
        return registry.list(customer).deviceId();
    }

    /** While the other one does nothing. */
    private static void syncsAlone(ServiceProcess other, RegistryClient registry, String name)
            throws IOException, InterruptedException {
        other.freeze();
        try {
            registry.register(name, "ios", name);
            registry.awaitSync(name, id(registry, name), "SYNCED");
        } finally {
            other.thaw();
        }
    }
}
