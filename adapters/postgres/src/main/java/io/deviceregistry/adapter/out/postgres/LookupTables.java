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

    static void addNextHash(Connection connection) throws SQLException {
        execute(connection, ADD_NEXT_HASH);
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
