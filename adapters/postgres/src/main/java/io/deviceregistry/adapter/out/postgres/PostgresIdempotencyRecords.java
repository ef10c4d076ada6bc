package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.RequestKey;
import jakarta.enterprise.context.ApplicationScoped;
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
import java.util.function.Function;

/** Answers in {@code idempotency_record}; that one is being given is an advisory lock, gone with its transaction. */
@ApplicationScoped
class PostgresIdempotencyRecords implements IdempotencyRecords {
    private static final String FIND = """
            select key_hash, fingerprint, answer_cipher from idempotency_record
             where key_hash = any (?::bytea[]) and created_at > now() - ? * interval '1 microsecond'
             order by created_at desc limit 1""";

    /** One that is too old may still be there. */
    private static final String KEEP = """
            insert into idempotency_record (key_hash, fingerprint, answer_cipher) values (?, ?, ?)
            on conflict (key_hash) do update
              set fingerprint = excluded.fingerprint, answer_cipher = excluded.answer_cipher, created_at = now()""";

    private final Transactions transactions;
    private final TokenVault vault;

    PostgresIdempotencyRecords(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    @Override
    public <T> Optional<T> exclusively(RequestKey key, Function<Slot, T> work) {
        return transactions.runEnclosing(connection -> {
            List<Name> names = vault.hashesOfEachKey().stream()
                    .map(hashes -> Name.of(key, hashes))
                    .toList();
            return take(connection, names) ? Optional.of(work.apply(new Row(connection, names))) : Optional.empty();
        });
    }

    private static boolean take(Connection connection, List<Name> names) throws SQLException {
        for (Name name : names) {
            if (!Locks.tryTake(connection, Locks.ofHash(name.hash))) {
                return false;
            }
        }
        return true;
    }

    /**
     * What a request's record is found by under one lookup key. Under each that is known: somebody who knew one only may
     * have kept it, or be about to.
     */
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

    private final class Row implements Slot {
        private final Connection connection;
        private final List<Name> names;

        /** @param names that of the key in use first */
        Row(Connection connection, List<Name> names) {
            this.connection = connection;
            this.names = names;
        }

        @Override
        public Optional<Kept> kept(byte[] request, Duration maxAge) {
            return transactions.run(_ -> find(request, maxAge));
        }

        private Optional<Kept> find(byte[] request, Duration maxAge) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(FIND)) {
                new Arguments(statement).byteStrings(names, name -> name.hash).micros(maxAge);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Optional.of(kept(row, request)) : Optional.empty();
                }
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(
                        "A remembered answer cannot be opened with registry.token.encryption-key", e);
            }
        }

        private Kept kept(ResultSet row, byte[] request) throws SQLException, GeneralSecurityException {
            byte[] hash = row.getBytes("key_hash");
            Name name = names.stream()
                    .filter(one -> Arrays.equals(one.hash, hash))
                    .findFirst()
                    .orElseThrow();
            return new Kept(
                    Arrays.equals(row.getBytes("fingerprint"), name.fingerprint(request)),
                    new String(vault.open(row.getBytes("answer_cipher"), hash), StandardCharsets.UTF_8));
        }

        @Override
        public void keep(byte[] request, String answer) {
            Name name = names.getFirst();
            transactions.run(_ -> {
                try (PreparedStatement statement = connection.prepareStatement(KEEP)) {
                    new Arguments(statement)
                            .bytes(name.hash)
                            .bytes(name.fingerprint(request))
                            .bytes(vault.seal(utf8(answer), name.hash));
                    return statement.executeUpdate();
                }
            });
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
