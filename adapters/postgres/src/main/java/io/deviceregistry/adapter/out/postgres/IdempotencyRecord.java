package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.IdempotencyRecords.Kept;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.domain.RequestUnderWayException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the answer to one request is remembered: in {@code idempotency_record}. That it is being given is an advisory lock,
 * gone with its transaction.
 */
final class IdempotencyRecord {
    /**
     * For each name a probe of the primary key; the latest record is the last. The age is asked for outside, or the index of
     * ages would do as well. A statement behind the one that took the locks, or it would not see what was kept by whoever
     * had them until then.
     */
    static final String FIND = """
            select r.key_hash, r.fingerprint, r.answer_cipher
              from unnest(?::bytea[], ?::bigint[]) w(key_hash, max_age)
                   cross join lateral (
                     select * from idempotency_record i where i.key_hash = w.key_hash limit 1) r
             where r.created_at > now() - w.max_age * interval '1 microsecond'
             order by r.created_at""";

    private static final String TRY_LOCKS_AND_FIND = String.join(";\n", Locks.TRY, FIND);

    /** One that is too old may still be there. */
    private static final String KEEP = """
            insert into idempotency_record (key_hash, fingerprint, answer_cipher)
            select * from unnest(?::bytea[], ?::bytea[], ?::bytea[]) order by 1
            on conflict (key_hash) do update
              set fingerprint = excluded.fingerprint, answer_cipher = excluded.answer_cipher, created_at = now()""";

    private final Names names;
    private final byte[] request;
    private final Duration maxAge;
    private byte @Nullable [] fingerprint;

    /** @param maxAge of what is found */
    IdempotencyRecord(Names names, byte[] request, Duration maxAge) {
        this.names = names;
        this.request = request;
        this.maxAge = maxAge;
    }

    /** With all made at once that takes long, for threads that have no time. */
    static IdempotencyRecord of(IdempotentRequest request, Duration maxAge, TokenVault vault) {
        IdempotencyRecord record = new IdempotencyRecord(Names.of(request.key(), vault), request.content(), maxAge);
        record.fingerprint();
        return record;
    }

    /**
     * What the record of requests with one key is found by, under each lookup key that is known, the one in use first:
     * somebody who knew one only may have kept it, or be about to.
     */
    static final class Names {
        private final List<Name> all;
        private final Set<Long> locks;

        private Names(List<Name> all) {
            this.all = all;
            this.locks = all.stream().map(name -> Locks.ofHash(name.hash)).collect(Collectors.toUnmodifiableSet());
        }

        static Names of(RequestKey key, TokenVault vault) {
            return new Names(vault.hashesOfEachKey().stream()
                    .map(hashes -> Name.of(key, hashes))
                    .toList());
        }

        /** Which are tried, and never waited for. */
        Set<Long> locks() {
            return locks;
        }
    }

    private static final class Name {
        private final TokenHashes hashes;
        private final byte[] hash;

        private Name(TokenHashes hashes, byte[] hash) {
            this.hashes = hashes;
            this.hash = hash;
        }

        static Name of(RequestKey key, TokenHashes hashes) {
            return new Name(
                    hashes, hashes.mac("idempotency key", utf8(key.caller()), utf8(key.operation()), utf8(key.key())));
        }

        byte[] fingerprint(byte[] request) {
            return hashes.mac("idempotent request", request);
        }
    }

    Set<Long> locks() {
        return names.locks;
    }

    /** By the lookup key in use. */
    private byte[] fingerprint() {
        if (fingerprint == null) {
            fingerprint = names.all.getFirst().fingerprint(request);
        }
        return fingerprint;
    }

    /** @throws RequestUnderWayException if somebody else has the locks */
    Optional<Kept> tryLockAndFind(Connection connection, TokenVault vault) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TRY_LOCKS_AND_FIND)) {
            sought(Locks.arguments(statement, Set.of(), locks()), List.of(this));
            statement.execute();
            try (ResultSet missed = statement.getResultSet()) {
                if (missed.next()) {
                    throw new RequestUnderWayException();
                }
            }
            statement.getMoreResults();
            return latest(statement, vault);
        }
    }

    /** For whoever has the locks. */
    Optional<Kept> find(Connection connection, TokenVault vault) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            sought(new Arguments(statement), List.of(this));
            statement.execute();
            return latest(statement, vault);
        }
    }

    private Optional<Kept> latest(PreparedStatement statement, TokenVault vault) throws SQLException {
        Optional<Supplier<Kept>> latest = Optional.empty();
        try (ResultSet row = statement.getResultSet()) {
            while (row.next()) {
                latest = Optional.of(kept(row, vault));
            }
        }
        return latest.map(Supplier::get);
    }

    /** Sets the arguments of {@link #FIND}. */
    static void sought(Arguments arguments, List<IdempotencyRecord> records) throws SQLException {
        record Sought(Name name, Duration maxAge) {}
        List<Sought> all = records.stream()
                .flatMap(record -> record.names.all.stream().map(name -> new Sought(name, record.maxAge)))
                .toList();
        arguments.byteStrings(all, sought -> sought.name.hash).micros(all, Sought::maxAge);
    }

    /** Whether a row of {@link #FIND} is this record. */
    boolean isAt(ResultSet row) throws SQLException {
        return nameAt(row).isPresent();
    }

    private Optional<Name> nameAt(ResultSet row) throws SQLException {
        byte[] hash = row.getBytes("key_hash");
        return names.all.stream().filter(name -> Arrays.equals(name.hash, hash)).findFirst();
    }

    /**
     * What the row says that {@link #isAt} it; opened when it is asked for, which throws if that cannot be: it is nobody
     * else's matter then whose rows are read with it.
     */
    Supplier<Kept> kept(ResultSet row, TokenVault vault) throws SQLException {
        Name name = nameAt(row).orElseThrow();
        byte[] answered = row.getBytes("fingerprint");
        byte[] answer = row.getBytes("answer_cipher");
        return () -> {
            byte[] asked = name == names.all.getFirst() ? fingerprint() : name.fingerprint(request);
            return new Kept(Arrays.equals(answered, asked), opened(answer, name.hash, vault));
        };
    }

    private static String opened(byte[] answer, byte[] hash, TokenVault vault) {
        try {
            return new String(vault.open(answer, hash), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "A remembered answer cannot be opened with registry.token.encryption-key", e);
        }
    }

    /** What was answered to the request of a record. */
    record Answered(IdempotencyRecord record, String answer) {
        @Override
        public String toString() {
            return "an answer that is to be kept";
        }

        private byte[] hash() {
            return record.names.all.getFirst().hash;
        }
    }

    /** For whoever has the locks. */
    static void keep(RoundTrip statements, List<Answered> answers, TokenVault vault) {
        statements.add(
                KEEP,
                arguments -> arguments
                        .byteStrings(answers, Answered::hash)
                        .byteStrings(answers, answered -> answered.record.fingerprint())
                        .byteStrings(answers, answered -> vault.seal(utf8(answered.answer), answered.hash())));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
