package io.deviceregistry.bootstrap.e2e;

import io.deviceregistry.bootstrap.e2e.ChaosRun.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The long form of the fault suite: {@code ./registry chaos}. Tells what happens on the error stream, prints a report in
 * Markdown, and ends with 1 if something was lost or cannot be explained.
 */
public final class Chaos {
    private static final int REPLICAS = 3;
    private static final int CALLERS = 8;
    private static final int ENOUGH = 2_000;

    /** About a minute: the lease, the settling delay, and what a replica needs to start and to look for work. */
    private static final Duration LONGEST_BY_DEFAULT = Duration.ofSeconds(75);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    /** Held here because a logger that nobody holds is forgotten, its level with it. */
    private static final Logger LIBRARIES = Logger.getLogger("io.zonky");

    private Chaos() {}

    public static void main(String[] arguments) throws Exception {
        // A server that crashed is missed by its library, at length.
        LIBRARIES.setLevel(Level.OFF);
        Optional<Settings> settings = settings(arguments);
        if (settings.isEmpty()) {
            System.err.println("usage: ./registry chaos [--kills N] [--registrations N] [--seed N]");
            System.exit(2);
        }
        System.exit(isGood(settings.orElseThrow()) ? 0 : 1);
    }

    private static boolean isGood(Settings settings) throws Exception {
        try (ChaosRun run = new ChaosRun(settings, Chaos::tell)) {
            // Ctrl-C shall not leave servers behind.
            Runtime.getRuntime().addShutdownHook(new Thread(run::close, "stop"));
            ChaosReport report = run.run();
            tell("A crash on the default timings ...");
            report.healedByDefault(Point.BEFORE_SETTLING, healingByDefault(Point.BEFORE_SETTLING), LONGEST_BY_DEFAULT);
            System.out.println(report.markdown());
            List<String> faults = report.faults();
            faults.forEach(Chaos::tell);
            return faults.isEmpty();
        }
    }

    private static void tell(String line) {
        System.err.println(line);
    }

    private static Optional<Settings> settings(String[] arguments) {
        Map<String, Long> options = new HashMap<>(Map.of("--kills", 50L, "--registrations", 100_000L, "--seed", 1L));
        try {
            for (int i = 0; i < arguments.length; i += 2) {
                if (options.replace(arguments[i], Long.valueOf(arguments[i + 1])) == null) {
                    return Optional.empty();
                }
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
        long kills = options.getOrDefault("--kills", 0L);
        long registrations = options.getOrDefault("--registrations", 0L);
        return kills < 1 || kills > 10_000 || registrations < 100 || registrations > 10_000_000
                ? Optional.empty()
                : Optional.of(new Settings(
                        (int) kills,
                        (int) registrations,
                        options.getOrDefault("--seed", 0L),
                        REPLICAS,
                        CALLERS,
                        ENOUGH));
    }

    /** How long it takes from a kill until another replica has synced the device, on the timings of production. */
    private static Optional<Duration> healingByDefault(Point point) throws Exception {
        try (Deployment deployment = new Deployment();
                Wire wire = new Wire(deployment.bunce().baseUrl().getPort())) {
            deployment.with("REGISTRY_BUNCE_BASE_URL", "http://127.0.0.1:%d/v1".formatted(wire.port()));
            RegistryClient registry = deployment.start();
            String device;
            try (Hold hold = Hold.at(point, deployment, wire)) {
                device = registry.register("default", "ios", "token-default").deviceId();
                hold.awaitReached();
                deployment.lastReplica().kill();
            }
            Instant killed = Instant.now();
            registry = deployment.start();
            while (!registry.sync("default", device).path("state").asText().equals("SYNCED")) {
                if (Duration.between(killed, Instant.now()).compareTo(LONGEST_BY_DEFAULT) > 0) {
                    return Optional.empty();
                }
                Thread.sleep(BETWEEN_LOOKS);
            }
            return Optional.of(Duration.between(killed, Instant.now()));
        }
    }
}
