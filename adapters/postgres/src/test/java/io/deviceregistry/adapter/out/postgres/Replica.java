package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.testing.Ports;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The adapter once more over a database, as another process with keys of its own would have it. Whatever can be written
 * blindly is tried so.
 */
final class Replica implements AutoCloseable {
    final TokenVault vault;
    final Transactions transactions;
    final PostgresLookupKeyRotation rotation;
    private final GroupCommit groupCommit;
    private final Ports ports;

    Replica(
            DataSource dataSource,
            ChangePartitions changePartitions,
            String encryptionKey,
            String lookupKey,
            @Nullable String nextLookupKey) {
        vault = new TokenVault(encryptionKey, List.of(), lookupKey, nextLookupKey);
        transactions = new Transactions(dataSource);
        rotation = new PostgresLookupKeyRotation(transactions, vault);
        DeviceIds ids = new DeviceIds();
        groupCommit = new GroupCommit(transactions, vault, ids, 0);
        groupCommit.start();
        ports = new Ports(
                new PostgresDeviceStore(transactions, groupCommit, new DeviceLists(transactions, vault), vault, ids),
                new PostgresCustomerStore(transactions, vault, changePartitions),
                new PostgresSyncLedger(transactions, vault),
                new PostgresSyncRepair(transactions, vault),
                new PostgresIdempotencyRecords(transactions, vault),
                new PostgresUpkeep(transactions, vault, changePartitions, rotation));
    }

    /** As when the process starts: throws what would stop the start. */
    Replica started() {
        transactions.run(connection -> {
            KeyRecords.check(connection, vault);
            return null;
        });
        return this;
    }

    Ports ports() {
        return ports;
    }

    @Override
    public void close() {
        groupCommit.stop();
    }
}
