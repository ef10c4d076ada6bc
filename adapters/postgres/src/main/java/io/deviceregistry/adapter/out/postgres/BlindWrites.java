package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.LoadedRegistry.Loaded;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Registry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes a change that is alone without having let it see what there is, on the guess that there is nothing: one round trip
 * to the database, where to look first takes two. It is worth a try while devices are registered one after the other for
 * the first time.
 *
 * <p>The database checks the guess under the locks that every change takes, and writes nothing unless all of this is so:
 * nobody else has any of the locks; there is none of the customers, none of their devices, and no device with one of the
 * tokens; the hashes are those of the database; and it is {@link #MOST_LATE} later, at most, than the change was told. To
 * look first would have found nothing then, and the change would have made the same of it.
 */
final class BlindWrites {
    /** So many changes in a row found nothing: the next one will, too. A wrong guess costs a round trip. */
    static final int NEW_IN_A_ROW = 3;

    /**
     * By which a change may be told an earlier time than it is by the database's clock: it may lie before its request came,
     * by less than the clocks of those who send requests differ.
     */
    static final Duration MOST_LATE = Duration.ofMillis(10);

    /** A setting of the transaction, which is {@code false} once the guess is wrong. */
    private static final String GUESS = "device_registry.nothing_is_there";

    private static final String TRY_LOCKS =
            "select set_config('%s', (select count(*) = 0 from (%s) missed)::text, true)".formatted(GUESS, Locks.TRY);

    /**
     * A statement of its own, which sees what was committed before the locks were taken. Each look is a probe of one index,
     * as in {@link LoadedRegistry}. A customer who was erased may have devices still, which providers are to be told of.
     */
    private static final String LOOK = """
            select clock.now,
                   set_config('%1$s', (
                     current_setting('%1$s')::boolean
                     and clock.now between ?::timestamptz and ?::timestamptz
                     and coalesce((select key_id = ? and next_key_id is null from token_lookup), false)
                     and not exists (
                       select from unnest(?::text[]) w(id)
                         cross join lateral (
                              (select 1 from customer c where c.id = w.id and not c.erased limit 1)
                              union all
                              (select 1 from device d where d.customer_id = w.id limit 1)) known)
                     and not exists (
                       select from unnest(?::bytea[]) w(hash)
                         cross join lateral (
                              (select 1 from device d where d.token_hash = w.hash and d.status = 'ACTIVE' limit 1)
                              union all
                              (select 1 from device d where d.token_hash = w.hash and d.status <> 'ACTIVE' limit 1)) had)
                   )::text, true)::boolean as guess_is_right
              from (select clock_timestamp() as now) clock""".formatted(GUESS);

    /** What {@link RegistryChanges#storeIf} asks. */
    private static final String IF_RIGHT = "where current_setting('%s')::boolean".formatted(GUESS);

    private static final String LOCK_LOOK_AND_STORE = Transactions.BEGIN_AND
            + String.join(
                    ";\n", LoadedRegistry.BY_INDEX_WITHOUT_WAITING, TRY_LOCKS, LOOK, RegistryChanges.storeIf(IF_RIGHT))
            + Transactions.AND_COMMIT;

    private final Transactions transactions;
    private final TokenVault vault;
    private final DeviceIds ids;
    private final DatabaseClock clock = new DatabaseClock();
    private final AtomicInteger newInARow = new AtomicInteger();
    private final int worthAGuess;

    /** @param worthAGuess how many changes in a row must have found nothing */
    BlindWrites(Transactions transactions, TokenVault vault, DeviceIds ids, int worthAGuess) {
        this.transactions = transactions;
        this.vault = vault;
        this.ids = ids;
        this.worthAGuess = worthAGuess;
    }

    /** @param now by the database's clock, which has just been read */
    void readClock(Instant now) {
        clock.read(now);
    }

    /** @param written together, by changes that were let see what there is */
    void saw(List<RegistryChanges.Part> written) {
        if (written.stream().allMatch(part -> part.registry().wasEmpty())) {
            newInARow.addAndGet(written.size());
        } else {
            newInARow.set(0);
        }
    }

    /**
     * @return whether the change is applied and durable; if not, nothing of it is, and it is to be applied once more
     * @throws RuntimeException as {@link Transactions#runWhole} does
     */
    boolean write(PendingChange<?> change) {
        Footprint footprint = change.footprint();
        if (newInARow.get() < worthAGuess || !takes(footprint)) {
            return false;
        }
        Optional<Instant> now = clock.now();
        if (now.isEmpty()) {
            return false;
        }
        boolean written = false;
        try {
            change.apply(nothing(footprint, now.get()));
            RegistryChanges.Part part = change.applied();
            // If there is nothing to store all the same, it is not said whether the guess is right.
            if (part != null && !part.registry().changedDevices().isEmpty()) {
                written = transactions.runWhole(connection -> commit(connection, part, now.get()));
            }
            return written;
        } finally {
            if (!written) {
                // Also if it failed, so that the next ones do not.
                newInARow.set(0);
                change.forget();
            }
        }
    }

    /** What can be checked, and may make a device: no devices by their ids, no answer that is remembered, no second hashes. */
    private static boolean takes(Footprint footprint) {
        return footprint.isWhole()
                && !footprint.scope().customers().isEmpty()
                && footprint.record() == null
                && !footprint.made().phase().isOfTwoKeys();
    }

    private Loaded nothing(Footprint footprint, Instant now) {
        return new Loaded(
                by -> new Registry(footprint.scope(), by, now, ids, List.of(), Map.of(), Map.of(), List.of()),
                null,
                now);
    }

    /** @return whether the guess was right; nothing is written if not */
    private boolean commit(Connection connection, RegistryChanges.Part part, Instant now) throws SQLException {
        Footprint footprint = part.footprint();
        try (PreparedStatement statement = connection.prepareStatement(LOCK_LOOK_AND_STORE)) {
            Arguments arguments = Locks.arguments(statement, footprint.customerLocks(), footprint.tokenLocks())
                    .text(now.toString())
                    .text(now.plus(MOST_LATE).toString())
                    .bytes(footprint.made().phase().key().bytes())
                    .texts(footprint.scope().customers(), CustomerId::value)
                    .byteStrings(footprint.hashes().values(), hash -> hash);
            RegistryChanges.arguments(arguments, part, vault);
            statement.execute();
            // Behind what begins the transaction, its settings and its locks.
            statement.getMoreResults();
            statement.getMoreResults();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                clock.read(DeviceRow.time(row, "now"));
                return row.getBoolean("guess_is_right");
            }
        }
    }
}
