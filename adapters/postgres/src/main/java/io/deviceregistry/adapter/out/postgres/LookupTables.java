package io.deviceregistry.adapter.out.postgres;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * What the tables have for a second lookup key while it takes the place of the first: a column with its hashes, which gets
 * the indexes of the first one's and, in the end, its name.
 *
 * <p>The two moments in which nobody else may use the tables change the catalogue alone, and wait for others no longer than
 * {@link #PATIENCE}: whoever comes meanwhile waits behind them.
 */
final class LookupTables {
    private static final Logger LOG = System.getLogger(LookupTables.class.getName());

    /** Shorter than what a group of changes waits for a lock, and than the server's search for deadlocks. */
    private static final String PATIENCE = "set local lock_timeout = '100ms'";

    private static final String TAKE = "lock table device, token_release in access exclusive mode";

    /**
     * From here on no row comes without its second hash, not even by the hand of somebody who knows of none, and what is
     * there already is found to have it by the validation of these constraints.
     */
    private static final List<String> ADD_NEXT_HASH = List.of(
            "alter table device add column next_token_hash bytea,"
                    + " add constraint device_has_both_hashes check ((token_hash is null) = (next_token_hash is null)) not valid",
            "alter table token_release add column next_token_hash bytea,"
                    + " add constraint token_release_has_both_hashes check (next_token_hash is not null) not valid");

    /**
     * What {@code new-connection-sql} tells of each session: that it reads in which phase it writes. A release from before
     * phases does not, so it would go on, after the switch, to write hashes by the former key, and store tokens twice.
     */
    private static final String KNOWS_PHASES = "current_setting('device_registry.knows_lookup_phases', true)";

    /**
     * Lets nobody else write devices, by an error that tells callers to try again, elsewhere. A list of columns would not do:
     * the column goes.
     */
    private static final List<String> ADD_GUARD = List.of("""
                    create or replace function refuse_writer_of_one_lookup_key() returns trigger language plpgsql as $$
                    begin
                        raise exception 'this session does not know which lookup key is in use' using
                            errcode = 'object_not_in_prerequisite_state',
                            hint = 'Is it of an older release of the device registry?';
                    end $$""", """
                    create or replace trigger device_writer_knows_lookup_phases before insert or update on device
                        for each row when (%s is distinct from 'on')
                        execute function refuse_writer_of_one_lookup_key()""".formatted(KNOWS_PHASES));

    private static final List<String> DROP_GUARD = List.of(
            "drop trigger if exists device_writer_knows_lookup_phases on device",
            "drop function if exists refuse_writer_of_one_lookup_key()");

    /** An older process that did not notice for a day that it stores nothing has been noticed by others. */
    private static final String GUARD_IS_OVER = """
            select exists (select from pg_trigger
                            where tgrelid = 'device'::regclass and tgname = 'device_writer_knows_lookup_phases')
                   and (select next_key_id from token_lookup) is null
                   and not exists (select from token_key
                                    where purpose = 'LOOKUP' and retired_at > now() - interval '1 day')""";

    /** Reads the tables, which others write meanwhile. */
    private static final List<String> VALIDATE = List.of(
            "alter table device validate constraint device_has_both_hashes",
            "alter table token_release validate constraint token_release_has_both_hashes");

    private record Index(String name, String definition) {
        /** An invalid one is what is left of an attempt that broke off. */
        List<String> build() {
            return List.of(
                    "drop index concurrently if exists " + name,
                    definition.replaceFirst("index", "index concurrently " + name));
        }
    }

    /** As those of the first hash are. */
    private static final List<Index> INDEXES = List.of(
            new Index(
                    "device_next_token_once_per_customer",
                    "create unique index on device (customer_id, next_token_hash)"),
            new Index("device_next_token_held_once", """
                    create unique index on device (next_token_hash) where status = 'ACTIVE'"""),
            new Index("device_next_former_holders", """
                    create index on device (next_token_hash) where status <> 'ACTIVE'"""),
            new Index(
                    "token_release_next",
                    "create unique index on token_release (next_token_hash, provider, device_id)"));

    private static final String INDEX_IS_VALID =
            "select coalesce((select indisvalid from pg_index where indexrelid = to_regclass(?)), false)";

    private static final String UNVALIDATED = """
            select count(*) filter (where not convalidated) from pg_constraint
             where conname in ('device_has_both_hashes', 'token_release_has_both_hashes')
               and conrelid in ('device'::regclass, 'token_release'::regclass)
            having count(*) = 2""";

    /** The indexes and constraints of a column go with it, and the new ones are those of the old names from here on. */
    private static final List<String> SWITCH = List.of(
            "alter table device drop column token_hash",
            "alter table device rename column next_token_hash to token_hash",
            "alter table device add constraint device_token_once_per_customer"
                    + " unique using index device_next_token_once_per_customer",
            "alter index device_next_token_held_once rename to device_token_held_once",
            "alter index device_next_former_holders rename to device_former_holders",
            "alter table token_release drop column token_hash",
            "alter table token_release rename column next_token_hash to token_hash",
            // The valid constraint saves the look at every row.
            "alter table token_release alter column token_hash set not null",
            "alter table token_release drop constraint token_release_has_both_hashes",
            "alter table token_release add constraint token_release_pkey primary key using index token_release_next");

    private LookupTables() {}

    /** The locks of the transaction that begins or ends a replacement, in the order of {@link KeyRecords#check}. */
    static void takeForAMoment(Connection connection) throws SQLException {
        execute(connection, List.of(PATIENCE));
        KeyRecords.takeTurns(connection);
        execute(connection, List.of(TAKE));
    }

    /** And the guard that stays when the column has taken its place. */
    static void addNextHash(Connection connection) throws SQLException {
        execute(connection, ADD_GUARD);
        execute(connection, ADD_NEXT_HASH);
    }

    /** Whether this session could write devices while a key is being replaced. */
    static boolean knowsPhases(Connection connection) throws SQLException {
        return Transactions.isTrue(connection, "select %s is not distinct from 'on'".formatted(KNOWS_PHASES));
    }

    /** Whether there is a guard, and none is needed any more. */
    static boolean isGuardOver(Connection connection) throws SQLException {
        return Transactions.isTrue(connection, GUARD_IS_OVER);
    }

    static void dropGuard(Connection connection) throws SQLException {
        execute(connection, DROP_GUARD);
    }

    /**
     * Makes what the switch needs, if it is not there, while others write.
     *
     * @param connection in no transaction, and with no limit of time
     * @throws SQLException of class 23 if a row lacks its second hash, or two have one that only one may have
     */
    static void prepareSwitch(Connection connection) throws SQLException {
        if (!areValidated(connection)) {
            execute(connection, VALIDATE);
        }
        boolean built = false;
        for (Index index : INDEXES) {
            if (!isValid(connection, index)) {
                execute(connection, index.build());
                built = true;
            }
        }
        if (built) {
            // What the planner knows of the column goes on with it under its new name.
            execute(connection, List.of("analyze device, token_release"));
            LOG.log(Level.INFO, "The hashes of the next lookup key are indexed");
        }
    }

    /** @return whether all was there that {@link #prepareSwitch} makes; else nothing is done */
    static boolean switchHashes(Connection connection) throws SQLException {
        if (!areValidated(connection)) {
            return false;
        }
        for (Index index : INDEXES) {
            if (!isValid(connection, index)) {
                return false;
            }
        }
        execute(connection, SWITCH);
        return true;
    }

    private static boolean areValidated(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(UNVALIDATED)) {
            return row.next() && row.getLong(1) == 0;
        }
    }

    private static boolean isValid(Connection connection, Index index) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INDEX_IS_VALID)) {
            new Arguments(statement).text(index.name());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
