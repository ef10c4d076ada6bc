package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.application.port.out.LookupKey;
import io.deviceregistry.application.port.out.LookupKey.Phase;
import io.deviceregistry.application.port.out.LookupKeyRefusedException;
import io.deviceregistry.application.port.out.LookupKeyRotation;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import jakarta.enterprise.context.ApplicationScoped;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the lookup key in phases that the database knows: all processes store two hashes of each token from one moment
 * on, what was stored before gets its second one ({@link BackFill}), and in another moment the second takes the place of the
 * first ({@link LookupTables}). Whichever process finds a part of that undone does it.
 */
@ApplicationScoped
class PostgresLookupKeyRotation implements LookupKeyRotation {
    private static final Logger LOG = System.getLogger(PostgresLookupKeyRotation.class.getName());

    private static final int ATTEMPTS_TO_BEGIN = 20;

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(150);

    /** Of the session that prepares the switch, until it is done: two would be in each other's way. Its keys are not those of {@link Locks}. */
    private static final String TRY_PREPARE = "select pg_try_advisory_lock(1819242347, 1)";

    private static final String DONE_PREPARING = "select pg_advisory_unlock(1819242347, 1)";

    private static final String TIMEOUTS =
            "select current_setting('statement_timeout'), current_setting('lock_timeout')";

    private static final String SET_TIMEOUTS =
            "select set_config('statement_timeout', ?, false), set_config('lock_timeout', ?, false)";

    private static final String BEGIN = """
            update token_lookup
               set next_key_id = ?, fill_to = (select id from device order by id desc limit 1), filled_at = null,
                   unreadable = 0""";

    private static final String END = """
            update token_lookup set key_id = next_key_id, next_key_id = null, fill_to = null, filled_at = null, unreadable = 0""";

    private static final String FILL_AGAIN =
            "update token_lookup set fill_to = (select id from device order by id desc limit 1), filled_at = null";

    private static final String DEVICES_LEFT =
            PageSample.count("device", "d", Integer.toString(PageSample.PAGES), BackFill.DEVICE_LACKS_HASH);

    /** The next key was noted when its replacement began, and is not while that goes on. */
    private static final String OTHERS_LEFT = """
            select (select count(*) from token_release where next_token_hash is null) as notes,
                   lookup.unreadable, lookup.filled_at is not null as filled,
                   greatest(0, extract(epoch from now() - k.last_used_at) * 1000)::bigint as under_way_millis
              from token_lookup lookup
              join token_key k on k.purpose = 'LOOKUP' and k.id = lookup.next_key_id""";

    private final Transactions transactions;
    private final TokenVault vault;
    private final AtomicBoolean preparing = new AtomicBoolean();
    private final Counter hashed;

    PostgresLookupKeyRotation(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
        this.hashed = Counter.builder("registry.lookup.key.hashed")
                .description("Rows that this process gave a hash by the next lookup key, or found to need none")
                .register(Metrics.globalRegistry);
    }

    @Override
    public LookupKey state() {
        return transactions.run(connection -> {
            LookupPhase phase = LookupPhase.hold(connection);
            String former = KeyRecords.formerLookupKeys(connection).stream()
                    .findFirst()
                    .map(KeyId::toString)
                    .orElse(null);
            return phase.isOfTwoKeys()
                    ? replacement(connection, phase, former)
                    : new LookupKey(phase.key().toString(), null, former, Phase.SINGLE, 0, 0, 0, Duration.ZERO);
        });
    }

    private static LookupKey replacement(Connection connection, LookupPhase phase, @Nullable String former)
            throws SQLException {
        long devices;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(DEVICES_LEFT)) {
            row.next();
            devices = row.getLong("number");
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(OTHERS_LEFT)) {
            row.next();
            long notes = row.getLong("notes");
            boolean filled = row.getBoolean("filled");
            return new LookupKey(
                    phase.key().toString(),
                    requireNonNull(phase.next()).toString(),
                    former,
                    filled && notes == 0 ? Phase.SWITCH : Phase.BACK_FILL,
                    filled ? 0 : devices,
                    notes,
                    row.getLong("unreadable"),
                    Duration.ofMillis(row.getLong("under_way_millis")));
        }
    }

    @Override
    public LookupKey begin(Caller by) {
        KeyId next = vault.nextLookupKeyId()
                .orElseThrow(() -> new LookupKeyRefusedException("This replica has no " + TokenVault.NEXT_LOOKUP_KEY
                        + ": give every replica the same one first."));
        for (int attempt = 1; ; attempt++) {
            try {
                transactions.run(connection -> {
                    begin(connection, by, next);
                    return null;
                });
                return state();
            } catch (StoreUnavailableException e) {
                if (attempt == ATTEMPTS_TO_BEGIN || !Transactions.gaveWay(e)) {
                    throw e;
                }
                // Those who waited behind it go first.
                LockSupport.parkNanos(BETWEEN_ATTEMPTS.toNanos());
            }
        }
    }

    private void begin(Connection connection, Caller by, KeyId next) throws SQLException {
        if (isBegun(LookupPhase.read(connection), next)) {
            return;
        }
        LookupTables.takeForAMoment(connection);
        // Somebody may have been faster.
        if (isBegun(LookupPhase.read(connection), next)) {
            return;
        }
        if (!LookupTables.knowsPhases(connection)) {
            throw new LookupKeyRefusedException(
                    "quarkus.datasource.jdbc.new-connection-sql is not the adapter's own, or was"
                            + " not carried out: it has to set device_registry.knows_lookup_phases = on.");
        }
        if (!KeyRecords.everybodyKnowsLookupKey(connection, next)) {
            throw new LookupKeyRefusedException(
                    "A replica runs, or ran half a minute ago, that does not know the key of" + " the name " + next
                            + ": give every replica the same " + TokenVault.NEXT_LOOKUP_KEY + " first.");
        }
        LookupTables.addNextHash(connection);
        KeyRecords.addLookupKey(connection, next);
        try (PreparedStatement statement = connection.prepareStatement(BEGIN)) {
            new Arguments(statement).bytes(next.bytes());
            statement.executeUpdate();
        }
        Walk.forget(connection, BackFill.WALK);
        LOG.log(
                Level.INFO,
                "The lookup key of the name {0} begins to take the other one''s place, as {1} asked for",
                next,
                by);
    }

    private static boolean isBegun(LookupPhase phase, KeyId next) {
        if (phase.isOfTwoKeys() && !next.equals(phase.next())) {
            throw new LookupKeyRefusedException(
                    "Another lookup key, of the name " + phase.next() + ", is taking the place of the one in use.");
        }
        return phase.isOfTwoKeys() || phase.key().equals(next);
    }

    /**
     * Does what is next, if a key is being replaced.
     *
     * @param window how many devices to look at
     * @return how many rows were written
     */
    int step(int window) {
        boolean guardIsOver = transactions.run(connection -> {
            vault.enter(LookupPhase.read(connection));
            return LookupTables.isGuardOver(connection);
        });
        if (guardIsOver) {
            dropGuard();
        }
        if (!vault.hashes().phase().isOfTwoKeys()) {
            return 0;
        }
        int written = transactions.run(connection -> BackFill.step(connection, vault, window));
        hashed.increment(written);
        if (written == 0) {
            if (transactions.run(
                            connection -> LookupPhase.hold(connection).isOfTwoKeys() && BackFill.isDone(connection))
                    && preparing.compareAndSet(false, true)) {
                // It may take hours, and neither the next step nor a stop of the process waits for it.
                Thread.ofPlatform().daemon().name("lookup-key-switch").start(this::prepareAndSwitch);
            }
        }
        return written;
    }

    private void dropGuard() {
        try {
            transactions.run(connection -> {
                LookupTables.takeForAMoment(connection);
                // Another key may be being replaced by now.
                if (LookupTables.isGuardOver(connection)) {
                    LookupTables.dropGuard(connection);
                }
                return null;
            });
        } catch (StoreUnavailableException e) {
            if (!Transactions.gaveWay(e)) {
                throw e;
            }
            LOG.log(
                    Level.DEBUG,
                    "The guard against writers of one lookup key stays for the next step: {0}",
                    e.getCause());
        }
    }

    private void prepareAndSwitch() {
        try {
            transactions.runAtOnce(this::prepareAndSwitchAlone);
        } catch (StoreUnavailableException e) {
            LOG.log(
                    Transactions.gaveWay(e) ? Level.DEBUG : Level.WARNING,
                    "The switch to the next lookup key waits for the store: {0}",
                    e.getCause());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The switch to the next lookup key failed, and is tried again", e);
        } finally {
            preparing.set(false);
        }
    }

    /** Unless another process does, or has done. */
    private @Nullable Void prepareAndSwitchAlone(Connection connection) throws SQLException {
        if (!Transactions.isTrue(connection, TRY_PREPARE)) {
            return null;
        }
        int networkTimeout = connection.getNetworkTimeout();
        String[] timeouts = timeouts(connection);
        try {
            if (LookupPhase.read(connection).isOfTwoKeys()) {
                connection.setNetworkTimeout(Runnable::run, 0);
                setTimeouts(connection, "0", "0");
                LookupTables.prepareSwitch(connection);
                transactions.run(this::switchKeys);
            }
        } catch (SQLException e) {
            if (!Transactions.isViolation(e)) {
                throw e;
            }
            LOG.log(Level.ERROR, "Not every device can be found by the next lookup key", e);
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate(FILL_AGAIN);
            }
        } finally {
            setTimeouts(connection, timeouts[0], timeouts[1]);
            Transactions.isTrue(connection, DONE_PREPARING);
            connection.setNetworkTimeout(Runnable::run, networkTimeout);
        }
        return null;
    }

    private @Nullable Void switchKeys(Connection connection) throws SQLException {
        LookupTables.takeForAMoment(connection);
        LookupPhase phase = LookupPhase.read(connection);
        if (phase.isOfTwoKeys() && LookupTables.switchHashes(connection)) {
            KeyRecords.retireLookupKey(connection, phase.key());
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate(END);
            }
            LOG.log(Level.INFO, "Tokens are found by the lookup key of the name {0} from now on", phase.next());
        }
        return null;
    }

    private static String[] timeouts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TIMEOUTS)) {
            row.next();
            return new String[] {row.getString(1), row.getString(2)};
        }
    }

    private static void setTimeouts(Connection connection, String statementTimeout, String lockTimeout)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SET_TIMEOUTS)) {
            new Arguments(statement).text(statementTimeout).text(lockTimeout);
            statement.execute();
        }
    }
}
