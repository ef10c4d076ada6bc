package io.deviceregistry.adapter.out.postgres;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Which keys the database was filled with. A process whose keys do not fit does not start: with another lookup key it would
 * take every token for a new one, and lacking an encryption key it could not tell providers of the devices it stores.
 */
@ApplicationScoped
class KeyRecords {
    private static final String ADD = """
            insert into token_key (purpose, id) values (?, ?)
            on conflict (purpose, id) do update set last_used_at = now(), retired_at = null""";

    private static final String IN_USE = "select id from token_key where purpose = ? and retired_at is null";

    private static final String TOUCH = """
            update token_key set last_used_at = now()
             where purpose = 'ENCRYPTION' and id = ? and last_used_at < now() - interval '1 minute'""";

    private static final String FOUND = """
            update token_key set found_at = now() where purpose = 'ENCRYPTION' and id = any (?::bytea[])""";

    /** Keys of which a whole walk found nothing, which began when nobody had encrypted with them for long. */
    private static final String RETIRE = """
            update token_key k set retired_at = now()
              from walk w
             where w.name = ? and k.purpose = 'ENCRYPTION' and k.id <> ? and k.retired_at is null
               and k.last_used_at < w.begun_at - ? * interval '1 microsecond'
               and (k.found_at is null or k.found_at < w.begun_at)""";

    private static final String LOOKUP = "LOOKUP";
    private static final String ENCRYPTION = "ENCRYPTION";

    private final Transactions transactions;
    private final TokenVault vault;

    KeyRecords(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    void check(@Observes StartupEvent event) {
        transactions.run(connection -> {
            check(connection, vault);
            return null;
        });
    }

    /** Notes the keys that are used from now on; two processes that start at once note them one after the other. */
    static void check(Connection connection, TokenVault vault) throws SQLException {
        Set<KeyId> lookup = inUse(connection, LOOKUP);
        if (lookup.isEmpty()) {
            add(connection, LOOKUP, vault.lookupKeyId());
            lookup = inUse(connection, LOOKUP);
        }
        if (!lookup.equals(Set.of(vault.lookupKeyId()))) {
            throw new IllegalStateException(
                    "registry.token.lookup-key is not the key that the database was filled with,"
                            + " whose name is " + only(lookup) + " and not " + vault.lookupKeyId()
                            + ": no token that is stored would be found");
        }
        add(connection, ENCRYPTION, vault.sealingKeyId());
        Set<KeyId> missing = inUse(connection, ENCRYPTION);
        missing.removeAll(vault.knownKeyIds());
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "Tokens in the database are encrypted with the key of the name " + only(missing)
                            + ", which is neither registry.token.encryption-key nor among"
                            + " registry.token.further-encryption-keys");
        }
    }

    private static KeyId only(Set<KeyId> keys) {
        return keys.iterator().next();
    }

    private static void add(Connection connection, String purpose, KeyId key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ADD)) {
            new Arguments(statement).text(purpose).bytes(key.bytes());
            statement.executeUpdate();
        }
    }

    private static Set<KeyId> inUse(Connection connection, String purpose) throws SQLException {
        Set<KeyId> keys = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(IN_USE)) {
            new Arguments(statement).text(purpose);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    keys.add(KeyId.of(row.getBytes("id")));
                }
            }
        }
        return keys;
    }

    /** Notes that this process encrypts with its key. */
    static void touch(Connection connection, TokenVault vault) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TOUCH)) {
            new Arguments(statement).bytes(vault.sealingKeyId().bytes());
            statement.executeUpdate();
        }
    }

    /** Whether anything may be encrypted with another key than this process uses. */
    static boolean anyOther(Connection connection, TokenVault vault) throws SQLException {
        Set<KeyId> keys = inUse(connection, ENCRYPTION);
        keys.remove(vault.sealingKeyId());
        return !keys.isEmpty();
    }

    static void found(Connection connection, Set<KeyId> keys) throws SQLException {
        if (!keys.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(FOUND)) {
                new Arguments(statement).byteStrings(keys, KeyId::bytes);
                statement.executeUpdate();
            }
        }
    }

    /** @return how many keys are needed no more */
    static int retire(Connection connection, TokenVault vault, String walk, Duration after) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RETIRE)) {
            new Arguments(statement)
                    .text(walk)
                    .bytes(vault.sealingKeyId().bytes())
                    .micros(after);
            return statement.executeUpdate();
        }
    }
}
