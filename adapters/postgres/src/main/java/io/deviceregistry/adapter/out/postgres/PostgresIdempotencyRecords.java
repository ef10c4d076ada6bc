package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.IdempotencyRecord.Answered;
import io.deviceregistry.adapter.out.postgres.IdempotencyRecord.Names;
import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.RequestKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** One request in one transaction, whatever it does. */
@ApplicationScoped
class PostgresIdempotencyRecords implements IdempotencyRecords {
    private final Transactions transactions;
    private final TokenVault vault;

    PostgresIdempotencyRecords(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    @Override
    public <T> Optional<T> exclusively(RequestKey key, Function<Slot, T> work) {
        return transactions.runEnclosing(connection -> {
            Names names = Names.of(key, vault);
            return Locks.tryTake(connection, names.locks())
                    ? Optional.of(work.apply(new Row(connection, names)))
                    : Optional.empty();
        });
    }

    private final class Row implements Slot {
        private final Connection connection;
        private final Names names;

        Row(Connection connection, Names names) {
            this.connection = connection;
            this.names = names;
        }

        @Override
        public Optional<Kept> kept(byte[] request, Duration maxAge) {
            return transactions.run(_ -> new IdempotencyRecord(names, request, maxAge).find(connection, vault));
        }

        @Override
        public void keep(byte[] request, String answer) {
            transactions.run(_ -> {
                keep(new Answered(new IdempotencyRecord(names, request, Duration.ZERO), answer));
                return null;
            });
        }

        private void keep(Answered answered) throws SQLException {
            RoundTrip statements = new RoundTrip();
            IdempotencyRecord.keep(statements, List.of(answered), vault);
            statements.run(connection, "");
        }
    }
}
