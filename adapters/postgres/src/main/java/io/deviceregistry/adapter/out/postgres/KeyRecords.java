package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.EncryptionKey.State;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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

    /** One that was away for long may find that its key was thought to be out of use. */
    private static final String TOUCH = """
            update token_key set last_used_at = now(), retired_at = null
             where purpose = 'ENCRYPTION' and id = ?
               and (last_used_at < now() - interval '10 seconds' or retired_at is not null)""";

    /** Somebody encrypts with it, or did a moment ago. */
    private static final String IS_USED = "last_used_at > now() - interval '30 seconds'";

    private static final String OTHERS = """
            select count(*) > 0 and count(*) filter (where %s) = 0
              from token_key where purpose = 'ENCRYPTION' and id <> ? and retired_at is null""".formatted(IS_USED);

    private static final String ALL = """
            select id, last_used_at,
                   case when id = ? or %s then 'ACTIVE' when retired_at is null then 'DECRYPT_ONLY' else 'RETIRED' end as state
              from token_key where purpose = 'ENCRYPTION'
             order by last_used_at desc, id""".formatted(IS_USED);

    private static final String FOUND = """
            update token_key set found_at = now() where purpose = 'ENCRYPTION' and id <> ? and retired_at is null""";

    /**
     * Keys of which a whole walk found nothing, which began when nobody had encrypted with them for long, and with which
     * no remembered answer and no part of an import is encrypted: those are not encrypted anew, but end by themselves.
     */
    private static final String RETIRE =
            """
            update token_key k set retired_at = now()
              from walk w
             where w.name = ? and k.purpose = 'ENCRYPTION' and k.id <> ? and k.retired_at is null
               and k.last_used_at < w.begun_at - interval '1 hour'
               and (k.found_at is null or k.found_at < w.begun_at)
               and not exists (select from idempotency_record r where %s = k.id)
               and not exists (select from import_chunk c where %s = k.id)""".formatted(TokenVault.keyInSql("r.answer_cipher"), TokenVault.keyInSql("c.cipher"));

    /** By now gone, or a part of what a transaction that began before the key was replaced is about to store. */
    private static final String FORMER_LOOKUP = """
            select k.id from token_key k
             where k.purpose = ? and k.retired_at is not null
               and exists (select from idempotency_record r where r.created_at < k.retired_at + interval '1 minute')""";

    private static final String RETIRE_LOOKUP =
            "update token_key set retired_at = clock_timestamp() where purpose = 'LOOKUP' and id = ?";

    private static final String KNOWN = """
            insert into token_lookup_known (key_ids) values (?) on conflict (key_ids) do update set last_seen_at = now()""";

    private static final String TOUCH_KNOWN = """
            update token_lookup_known set last_seen_at = now()
             where key_ids = ? and last_seen_at < now() - interval '10 seconds'""";

    private static final String STRANGERS = """
            select exists (select from token_lookup_known
                            where last_seen_at > now() - interval '30 seconds' and ? <> all (key_ids))""";

    /** Those who start at the same time take turns, and the second sees what the first noted. */
    private static final String TAKE_TURNS = "lock table token_key in share row exclusive mode";

    private static final String SAMPLE = """
            select id, token_cipher, token_hash from device
             where token_cipher is not null and token_hash is not null limit 1""";

    private static final String IS_FILLED =
            "select exists (select from device) or exists (select from idempotency_record)";

    private static final String LOOKUP = "LOOKUP";
    private static final String ENCRYPTION = "ENCRYPTION";

    private final Transactions transactions;
    private final TokenVault vault;

    KeyRecords(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    /** Before any worker begins. */
    void check(@Observes @Priority(1) StartupEvent event) {
        transactions.run(connection -> {
            check(connection, vault);
            return null;
        });
    }

    /** Notes the keys that are used from now on. */
    static void check(Connection connection, TokenVault vault) throws SQLException {
        takeTurns(connection);
        Set<KeyId> lookup = inUse(connection, LOOKUP);
        if (lookup.isEmpty()) {
            // If it was filled before keys were noted, it is not known with which ones: all are kept until a walk was
            // over it.
            requireToFit(connection, vault);
            add(connection, LOOKUP, vault.lookupKeyId());
            noteLookupKey(connection, "true", vault.lookupKeyId());
            if (Transactions.isTrue(connection, IS_FILLED)) {
                for (KeyId key : vault.knownKeyIds()) {
                    add(connection, ENCRYPTION, key);
                }
            }
        } else {
            // The version before notes it elsewhere only.
            noteLookupKey(connection, "key_id is null", only(lookup));
        }
        LookupPhase phase = LookupPhase.read(connection);
        requireLookupKeys(phase, vault);
        requireFormerLookupKeys(connection, vault);
        noteKnownLookupKeys(connection, vault);
        vault.enter(phase);
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

    private static void requireLookupKeys(LookupPhase phase, TokenVault vault) {
        Set<KeyId> missing = new HashSet<>(phase.keys());
        missing.removeAll(vault.knownLookupKeyIds());
        if (missing.isEmpty()) {
            return;
        }
        if (phase.isOfTwoKeys()) {
            throw new IllegalStateException("The lookup key of the name " + phase.key()
                    + " is being replaced by the one of the name " + phase.next() + ", and of these " + only(missing)
                    + " is neither registry.token.lookup-key nor registry.token.next-lookup-key: until that is done,"
                    + " every replica needs both");
        }
        throw new IllegalStateException("registry.token.lookup-key is not the key that the database was filled with,"
                + " whose name is " + phase.key() + " and not "
                + vault.knownLookupKeyIds().stream().map(KeyId::toString).collect(Collectors.joining(" or "))
                + ": no token that is stored would be found");
    }

    /** Else a request that was answered before the key was replaced would not be recognised when it is repeated. */
    private static void requireFormerLookupKeys(Connection connection, TokenVault vault) throws SQLException {
        Set<KeyId> missing = formerLookupKeys(connection);
        missing.removeAll(vault.knownLookupKeyIds());
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "Answers for an Idempotency-Key are still remembered by the former lookup key,"
                            + " of the name " + only(missing) + ": until they are forgotten, it has to be"
                            + " registry.token.lookup-key, and the one in use registry.token.next-lookup-key");
        }
    }

    /** Those that only remembered answers are found by. */
    static Set<KeyId> formerLookupKeys(Connection connection) throws SQLException {
        return keys(connection, FORMER_LOOKUP, LOOKUP);
    }

    private static void noteLookupKey(Connection connection, String condition, KeyId key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "update token_lookup set key_id = ?, next_key_id = null where " + condition)) {
            new Arguments(statement).bytes(key.bytes());
            statement.executeUpdate();
        }
    }

    private static void noteKnownLookupKeys(Connection connection, TokenVault vault) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(KNOWN)) {
            lookupKeys(statement, vault);
            statement.executeUpdate();
        }
    }

    private static void lookupKeys(PreparedStatement statement, TokenVault vault) throws SQLException {
        List<KeyId> keys = vault.knownLookupKeyIds().stream()
                .sorted(Comparator.comparingInt(KeyId::value))
                .toList();
        new Arguments(statement).byteStrings(keys, KeyId::bytes);
    }

    /** Whether all processes that ran a moment ago know this key; older versions aside, which know one. */
    static boolean everybodyKnowsLookupKey(Connection connection, KeyId key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(STRANGERS)) {
            new Arguments(statement).bytes(key.bytes());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return !row.getBoolean(1);
            }
        }
    }

    static void takeTurns(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(TAKE_TURNS);
        }
    }

    /** So that the version before, which has one lookup key, does not start either while there are two. */
    static void addLookupKey(Connection connection, KeyId key) throws SQLException {
        add(connection, LOOKUP, key);
    }

    static void retireLookupKey(Connection connection, KeyId key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RETIRE_LOOKUP)) {
            new Arguments(statement).bytes(key.bytes());
            statement.executeUpdate();
        }
    }

    /** A token that can be opened, and is found by its hash, proves both keys. */
    private static void requireToFit(Connection connection, TokenVault vault) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SAMPLE)) {
            if (row.next()) {
                byte[] hash;
                try {
                    hash = vault.hashes().of(vault.open(row.getBytes("token_cipher"), DeviceRow.id(row)));
                } catch (UnreadableTokenException e) {
                    throw new IllegalStateException("Tokens in the database are encrypted with a key that is neither"
                            + " registry.token.encryption-key nor among registry.token.further-encryption-keys");
                }
                if (!Arrays.equals(hash, row.getBytes("token_hash"))) {
                    throw new IllegalStateException("registry.token.lookup-key is not the key that the database was"
                            + " filled with: no token that is stored would be found");
                }
            }
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
        return keys(connection, IN_USE, purpose);
    }

    private static Set<KeyId> keys(Connection connection, String sql, String purpose) throws SQLException {
        Set<KeyId> keys = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new Arguments(statement).text(purpose);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    keys.add(KeyId.of(row.getBytes("id")));
                }
            }
        }
        return keys;
    }

    /** Notes that this process encrypts with its key, and which lookup keys it knows. */
    static void touch(Connection connection, TokenVault vault) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TOUCH_KNOWN)) {
            lookupKeys(statement, vault);
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(TOUCH)) {
            new Arguments(statement).bytes(vault.sealingKeyId().bytes());
            statement.executeUpdate();
        }
    }

    /** Whether anything may be encrypted with another key than this process uses, and nobody uses that any more. */
    static boolean othersAreOut(Connection connection, TokenVault vault) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OTHERS)) {
            new Arguments(statement).bytes(vault.sealingKeyId().bytes());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    record EncryptionKeyRecord(KeyId id, State state, Instant lastUsedAt) {}

    /** All encryption keys that were ever used, the last one first. */
    static List<EncryptionKeyRecord> encryptionKeys(Connection connection, TokenVault vault) throws SQLException {
        List<EncryptionKeyRecord> keys = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(ALL)) {
            new Arguments(statement).bytes(vault.sealingKeyId().bytes());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    keys.add(new EncryptionKeyRecord(
                            KeyId.of(row.getBytes("id")),
                            State.valueOf(row.getString("state")),
                            DeviceRow.time(row, "last_used_at")));
                }
            }
        }
        return keys;
    }

    /** Something is encrypted with another key still, so none of them can go. */
    static void found(Connection connection, TokenVault vault) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FOUND)) {
            new Arguments(statement).bytes(vault.sealingKeyId().bytes());
            statement.executeUpdate();
        }
    }

    /** @return how many keys are needed no more */
    static int retire(Connection connection, TokenVault vault, String walk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RETIRE)) {
            new Arguments(statement).text(walk).bytes(vault.sealingKeyId().bytes());
            return statement.executeUpdate();
        }
    }
}
