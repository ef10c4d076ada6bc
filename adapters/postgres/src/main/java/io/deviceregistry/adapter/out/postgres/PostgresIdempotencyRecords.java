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
import java.util.Optional;
import java.util.function.Function;

/** Answers in {@code idempotency_record}; that one is being given is an advisory lock, gone with its transaction. */
@ApplicationScoped
class PostgresIdempotencyRecords implements IdempotencyRecords {
    private static final String FIND = """
            select fingerprint, answer_cipher from idempotency_record
             where key_hash = ? and created_at > now() - ? * interval '1 microsecond'""";

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
        byte[] keyHash = vault.mac("idempotency key", utf8(key.caller()), utf8(key.operation()), utf8(key.key()));
        return transactions.runEnclosing(connection -> Locks.tryTake(connection, Locks.ofHash(keyHash))
                ? Optional.of(work.apply(new Row(connection, keyHash)))
                : Optional.empty());
    }

    private final class Row implements Slot {
        private final Connection connection;
        private final byte[] keyHash;

        Row(Connection connection, byte[] keyHash) {
            this.connection = connection;
            this.keyHash = keyHash;
        }

        @Override
        public Optional<Kept> kept(byte[] request, Duration maxAge) {
            return transactions.run(_ -> find(request, maxAge));
        }

        private Optional<Kept> find(byte[] request, Duration maxAge) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(FIND)) {
                new Arguments(statement).bytes(keyHash).micros(maxAge);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? Optional.of(new Kept(
                                    Arrays.equals(row.getBytes("fingerprint"), fingerprint(request)),
                                    new String(
                                            vault.open(row.getBytes("answer_cipher"), keyHash),
                                            StandardCharsets.UTF_8)))
                            : Optional.empty();
                }
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(
                        "A remembered answer cannot be opened with registry.token.encryption-key", e);
            }
        }

        @Override
        public void keep(byte[] request, String answer) {
            transactions.run(_ -> {
                try (PreparedStatement statement = connection.prepareStatement(KEEP)) {
                    new Arguments(statement)
                            .bytes(keyHash)
                            .bytes(fingerprint(request))
                            .bytes(vault.seal(utf8(answer), keyHash));
                    return statement.executeUpdate();
                }
            });
        }

        private byte[] fingerprint(byte[] request) {
            return vault.mac("idempotent request", request);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
