package io.deviceregistry.bootstrap.e2e;

import io.deviceregistry.bootstrap.e2e.ProviderRecord.Entry;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import io.deviceregistry.db.LocalPostgres;
import io.deviceregistry.sandbox.bunce.Behaviour;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A run of the fault suite: replicas under load, a schedule of faults that a seed repeats, and three records that are
 * compared at the end.
 */
final class ChaosRun implements AutoCloseable {
    static final Duration CALL_TIMEOUT = Duration.ofMillis(1_500);
    static final Duration LEASE = Duration.ofSeconds(5);
    static final Duration SETTLING_DELAY = Duration.ofSeconds(2);
    static final Duration LONGEST_HEALING = Duration.ofMinutes(2);

    private static final String JAVA_OPTIONS = "-Xmx256m -XX:+UseSerialGC " + ServiceProcess.SHORT_LIVED;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
    private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(1);
    private static final int STATEMENT_SECONDS = 30;
    private static final int PAGE = 1_000;
    private static final int LOOKS_AT_SIZE = 4;

    /** What is done to the deployment as a whole; what befalls single requests goes on all the time. */
    enum Blow {
        KILL,
        KILL_AFTER_CLAIM,
        KILL_SENDING,
        KILL_AWAITING_ANSWER,
        KILL_BEFORE_SETTLING,
        POSTGRES_CRASH,
        FREEZE_PAST_LEASE,
        CONNECTIONS_RESET,
        CONNECTIONS_HALF_OPEN,
        BUNCE_DOWN;

        private static final List<Blow> KILLS =
                List.of(KILL, KILL_AFTER_CLAIM, KILL_SENDING, KILL_AWAITING_ANSWER, KILL_BEFORE_SETTLING);
        private static final List<Blow> OTHERS =
                List.of(POSTGRES_CRASH, FREEZE_PAST_LEASE, CONNECTIONS_RESET, CONNECTIONS_HALF_OPEN, BUNCE_DOWN);

        boolean isKill() {
            return KILLS.contains(this);
        }

        /** All kinds of kills in turn, and each of the others for six kills, in an order that the seed decides. */
        private static List<Blow> schedule(int kills, Random random) {
            List<Blow> schedule = new ArrayList<>();
            for (int i = 0; i < kills; i++) {
                schedule.add(KILLS.get(i % KILLS.size()));
            }
            for (int i = 0; i < Math.max(1, kills / 6); i++) {
                schedule.addAll(OTHERS);
            }
            Collections.shuffle(schedule, random);
            return schedule;
        }
    }

    /**
     * @param registrations devices to be registered, beside which there are rotations, transfers and removals
     * @param enough how many devices may wait to be synced before callers pause
     */
    record Settings(int kills, int registrations, long seed, int replicas, int callers, int enough) {}

    private final Settings settings;
    private final Consumer<String> progress;
    private final Random random;
    private final Path directory;
    private final LocalPostgres postgres;
    private final Deployment deployment;
    private final Wire wire;
    private final List<ServiceProcess> replicas = new CopyOnWriteArrayList<>();
    private final Load load;
    private final ChaosReport report;
    private final List<Instant> awakenings = new ArrayList<>();
    private volatile long unsynced;
    private volatile boolean over;
    private boolean closed;

    /** @param progress is told, line by line, what happens */
    ChaosRun(Settings settings, Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
        random = new Random(settings.seed());
        report = new ChaosReport(settings);
        try {
            directory = Files.createTempDirectory("registry-chaos");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        postgres = LocalPostgres.persistent(directory.resolve("postgresql"));
        deployment = briskly(new Deployment(postgres, postgres.jdbcUrl(), journal()));
        wire = new Wire(deployment.bunce().baseUrl().getPort());
        deployment.with("REGISTRY_BUNCE_BASE_URL", "http://127.0.0.1:%d/v1".formatted(wire.port()));
        load = new Load(this::urls, () -> unsynced > settings.enough(), settings.callers(), settings.seed());
    }

    /** Gives a deployment short timings, so that much happens in little time. */
    static Deployment briskly(Deployment deployment) {
        return deployment
                .with("QUARKUS_REST_CLIENT_BUNCE_CONNECT_TIMEOUT", "500")
                .with(
                        "QUARKUS_REST_CLIENT_BUNCE_READ_TIMEOUT",
                        Long.toString(CALL_TIMEOUT.minusMillis(500).toMillis()))
                // A limit that limits nothing, so that every request asks the gate.
                .with("REGISTRY_BUNCE_REQUESTS_PER_MINUTE", "60000")
                .with("REGISTRY_SYNC_LEASE", LEASE.toString())
                .with("REGISTRY_SYNC_PROBE_INTERVAL", "PT1S")
                .with("REGISTRY_SYNC_SETTLING_DELAY", SETTLING_DELAY.toString())
                .with("REGISTRY_SYNC_POLL_INTERVAL", "PT0.3S")
                .with("REGISTRY_SYNC_BACKOFF_BASE", "PT0.2S")
                .with("REGISTRY_SYNC_BACKOFF_CAP", "PT2S")
                .with("REGISTRY_SYNC_COMPARISON_PACE", "PT3S")
                .with("JAVA_OPTS", JAVA_OPTIONS);
    }

    /** Returns whatever came of it; the report says whether all is well. */
    ChaosReport run() throws IOException, InterruptedException, SQLException {
        Instant begin = Instant.now();
        for (int i = 0; i < settings.replicas(); i++) {
            launch();
        }
        for (ServiceProcess replica : replicas) {
            deployment.ready(replica);
        }
        deployment.bunce().behave(misbehaviour());
        Thread watching = Thread.ofVirtual().start(this::watch);
        load.start();

        List<Blow> schedule = Blow.schedule(settings.kills(), random);
        int share = settings.registrations() / schedule.size();
        load.allow(settings.registrations() - share * schedule.size());
        int blows = 0;
        for (Blow blow : schedule) {
            tell(begin, blow.toString());
            strike(blow, share);
            report.count(blow);
            if (++blows * LOOKS_AT_SIZE % schedule.size() < LOOKS_AT_SIZE) {
                measure();
            }
        }
        load.finish();

        deployment.bunce().behave(strict());
        Instant calm = Instant.now();
        tell(begin, "no more faults from here on");
        report.healed(awaitSynced(calm));
        measure();
        over = true;
        watching.join();

        report.took(Duration.between(begin, Instant.now()));
        report.load(load);
        ProviderRecord provider = ProviderRecord.read(journal(), SETTLING_DELAY, awakenings);
        report.provider(provider, wire);
        Findings findings = Findings.of(load.known(), registry(), provider);
        Set<String> customers = Stream.of(findings.unexplained(), findings.early(), findings.twoHoldersUnexplained())
                .flatMap(List::stream)
                .flatMap(one -> one.customers().stream())
                .limit(ChaosReport.SHOWN)
                .collect(Collectors.toSet());
        report.findings(findings, ProviderRecord.history(journal(), customers), rows(customers));
        return report;
    }

    /** A repeated call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        over = true;
        for (ServiceProcess replica : replicas) {
            try {
                replica.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        deployment.close();
        wire.close();
        postgres.close();
        try (Stream<Path> content = Files.walk(directory)) {
            for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the replicas printed. */
    String log() {
        return deployment.log();
    }

    private void tell(Instant begin, String what) {
        progress.accept(String.format(
                Locale.ROOT,
                "%5d s  %,9d registered  %,7d not synced  %s",
                Duration.between(begin, Instant.now()).toSeconds(),
                load.registered(),
                unsynced,
                what));
    }

    private Path journal() {
        return directory.resolve("bunce.ndjson");
    }

    private List<URI> urls() {
        return replicas.stream().map(ServiceProcess::url).toList();
    }

    /** Takes devices only of customers whom it was told of. */
    private static Behaviour strict() {
        return Behaviour.normal().withRequestsPerMinute(0).withStrictCustomers(true);
    }

    /** Something of everything, so rarely that most requests pass. The throttles stop everybody, so they are rarer. */
    private Behaviour misbehaviour() {
        double often = 0.01;
        double rarely = 0.002;
        double throttled = Math.min(0.002, 20.0 / settings.registrations());
        return strict().withSeed(settings.seed())
                .withDelay(Duration.ofMillis(5))
                .withFaults(List.of(
                        Fault.always(Fault.Kind.ERROR_BEFORE).withChance(often),
                        Fault.always(Fault.Kind.ERROR_AFTER).withChance(often),
                        Fault.always(Fault.Kind.DROP).withChance(often),
                        Fault.always(Fault.Kind.CUT).withChance(often),
                        Fault.always(Fault.Kind.RUBBISH).withChance(often),
                        Fault.always(Fault.Kind.DRIBBLE).withChance(often).withTime(CALL_TIMEOUT.dividedBy(3)),
                        Fault.always(Fault.Kind.DRIBBLE).withChance(rarely).withTime(CALL_TIMEOUT.multipliedBy(2)),
                        Fault.always(Fault.Kind.LATE)
                                .withChance(often)
                                .withTime(SETTLING_DELAY.dividedBy(10).multipliedBy(9)),
                        Fault.always(Fault.Kind.LATE)
                                .withChance(rarely)
                                .withTime(SETTLING_DELAY.plus(CALL_TIMEOUT).multipliedBy(2)),
                        Fault.always(Fault.Kind.THROTTLE_SECONDS)
                                .withChance(throttled)
                                .withTime(Duration.ofSeconds(1)),
                        Fault.always(Fault.Kind.THROTTLE_DATE)
                                .withChance(throttled)
                                .withTime(Duration.ofSeconds(2))));
    }

    /** A part of the share of registrations comes before, the rest while it happens. */
    private void strike(Blow blow, int share) throws InterruptedException, SQLException {
        // No more than one share behind, or the last blows would fall before most of the load.
        Instant patience = Instant.now().plus(LONGEST_WARM_UP);
        while (load.registered() < load.allowed() - share && Instant.now().isBefore(patience)) {
            Thread.sleep(BETWEEN_LOOKS);
        }
        int before = random.nextInt(share / 2 + 1);
        load.allow(before);
        int rest = share - before;
        switch (blow) {
            case KILL -> {
                load.allow(rest);
                Thread.sleep(random.nextInt(500));
                killOne();
                replace();
            }
            case KILL_AFTER_CLAIM -> killAt(Point.AFTER_CLAIM, rest);
            case KILL_SENDING -> killAt(Point.SENDING, rest);
            case KILL_AWAITING_ANSWER -> killAt(Point.AWAITING_ANSWER, rest);
            case KILL_BEFORE_SETTLING -> killAt(Point.BEFORE_SETTLING, rest);
            case POSTGRES_CRASH -> {
                load.allow(rest);
                Thread.sleep(random.nextInt(500));
                postgres.crash();
                Thread.sleep(random.nextInt(2_000));
                postgres.restart();
            }
            case FREEZE_PAST_LEASE -> {
                load.allow(rest);
                ServiceProcess frozen = any();
                frozen.freeze();
                try {
                    Thread.sleep(LEASE.plusSeconds(2));
                } finally {
                    awakenings.add(Instant.now());
                    frozen.thaw();
                }
            }
            case CONNECTIONS_RESET -> {
                wire.set(Wire.Mode.RESETTING);
                load.allow(rest);
                Thread.sleep(1_000);
                wire.set(Wire.Mode.OPEN);
                wire.reset();
            }
            case CONNECTIONS_HALF_OPEN -> {
                wire.set(Wire.Mode.DEAF);
                load.allow(rest);
                Thread.sleep(CALL_TIMEOUT.plusSeconds(1));
                wire.set(Wire.Mode.OPEN);
            }
            case BUNCE_DOWN -> {
                deployment
                        .bunce()
                        .behave(Behaviour.normal()
                                .withRequestsPerMinute(0)
                                .withFaults(List.of(Fault.always(Fault.Kind.ERROR_BEFORE))));
                load.allow(rest);
                Thread.sleep(3_000);
                deployment.bunce().behave(misbehaviour().withSeed(random.nextLong()));
            }
        }
    }

    private void killAt(Point point, int registrations) throws InterruptedException, SQLException {
        try (Hold hold = Hold.at(point, deployment, wire)) {
            load.allow(registrations);
            hold.awaitReached();
            killOne();
        } catch (ConditionTimeoutException e) {
            try (Connection connection = deployment.connect();
                    Statement statement = connection.createStatement()) {
                report.missed(point, sample(statement));
            }
            killOne();
        }
        replace();
    }

    private ServiceProcess any() {
        return replicas.get(random.nextInt(replicas.size()));
    }

    private void killOne() throws InterruptedException {
        ServiceProcess victim = any();
        replicas.remove(victim);
        victim.kill();
    }

    private void replace() {
        deployment.ready(launch());
    }

    /** The clock of every third one is an hour slow. */
    private ServiceProcess launch() {
        boolean slowClock = random.nextInt(3) == 0;
        ServiceProcess replica = slowClock ? launchWithSlowClock(deployment, directory) : deployment.launch();
        if (slowClock) {
            report.countSlowClock();
        }
        replicas.add(replica);
        return replica;
    }

    /** A replica whose clock is an hour slow. */
    static ServiceProcess launchWithSlowClock(Deployment deployment, Path directory) {
        String patch = OtherClock.option(Duration.ofHours(-1), directory.resolve("slow-clock"));
        try {
            return deployment.with("JAVA_OPTS", JAVA_OPTIONS + " " + patch).launch();
        } finally {
            deployment.with("JAVA_OPTS", JAVA_OPTIONS);
        }
    }

    /** What its rows take up on disk, each of which is rewritten many times. */
    private void measure() throws SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            report.size(
                    number(statement, "select count(*) from device_sync"),
                    number(statement, "select pg_table_size('device_sync')"),
                    number(statement, "select pg_indexes_size('device_sync')"));
        }
    }

    /** Keeps looking how many devices are not synced. */
    private void watch() {
        while (!over) {
            try (Connection connection = deployment.connect();
                    Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(STATEMENT_SECONDS);
                while (!over) {
                    unsynced = number(statement, "select count(*) from device_sync where state <> 'SYNCED'");
                    Thread.sleep(BETWEEN_LOOKS);
                }
            } catch (SQLException serverIsDown) {
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_LOOKS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns how long it took, or nothing if it took too long. */
    private Optional<Duration> awaitSynced(Instant since) throws InterruptedException, SQLException {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            while (true) {
                long left = number(statement, "select count(*) from device_sync where state <> 'SYNCED'");
                Duration passed = Duration.between(since, Instant.now());
                if (left == 0) {
                    return Optional.of(passed);
                }
                if (passed.compareTo(LONGEST_HEALING) > 0) {
                    report.unsynced(left, sample(statement));
                    return Optional.empty();
                }
                Thread.sleep(BETWEEN_LOOKS);
            }
        }
    }

    /** How Bunce stands towards the devices of some customers, by customer. */
    private Map<String, List<String>> rows(Set<String> customers) throws SQLException {
        Map<String, List<String>> rows = new HashMap<>();
        try (Connection connection = deployment.connect();
                PreparedStatement statement = connection.prepareStatement("""
                        select customer_id, format('%s: version %s, %s attempts, %s unconfirmed, %s',
                                                   device_id, desired_version, attempts, unconfirmed_attempts, last_error)
                          from device_sync where customer_id = any (?)""")) {
            statement.setArray(1, connection.createArrayOf("text", customers.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                            .add(row.getString(2));
                }
            }
        }
        return rows;
    }

    private static List<String> sample(Statement statement) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("""
                select format('%s of %s: %s, %s, due %s, lease until %s, %s attempts (%s unconfirmed), %s',
                              device_id, customer_id, state, reason, due_at - now(), lease_until - now(), attempts,
                              unconfirmed_attempts, last_error)
                  from device_sync where state <> 'SYNCED' order by device_id limit 10""")) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        try (ResultSet row = statement.executeQuery("""
                select format('gate of %s: paused for %s, %s', provider, paused_until - now(), pause_reason)
                  from provider_gate where isfinite(paused_until)""")) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }

    /** Active devices over REST, counters from the table. */
    private Findings.Registry registry() throws IOException, InterruptedException, SQLException {
        RegistryClient client = new RegistryClient(replicas.getFirst().url(), Deployment.API_KEY);
        Map<Entry, String> active = new HashMap<>();
        String cursor = "";
        do {
            Answer answer =
                    client.post("/v1/devices:search", "{\"status\":\"ACTIVE\",\"limit\":%d%s}".formatted(PAGE, cursor));
            if (answer.status() != 200) {
                throw new AssertionError("A search was answered with %d: %s".formatted(answer.status(), answer.body()));
            }
            answer.json()
                    .path("devices")
                    .forEach(device -> active.put(
                            new Entry(
                                    device.path("customer_id").asText(),
                                    device.path("device_token").asText()),
                            device.path("device_id").asText()));
            cursor = answer.json().path("next_cursor").isNull()
                    ? ""
                    : ",\"cursor\":\"%s\"".formatted(answer.text("/next_cursor"));
        } while (!cursor.isEmpty());

        Map<String, Integer> unconfirmed = new HashMap<>();
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select device_id, unconfirmed_attempts from device_sync where unconfirmed_attempts > 0")) {
            while (row.next()) {
                unconfirmed.put(row.getString(1), row.getInt(2));
            }
        }
        return new Findings.Registry(active, unconfirmed);
    }

    private static long number(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }
}
