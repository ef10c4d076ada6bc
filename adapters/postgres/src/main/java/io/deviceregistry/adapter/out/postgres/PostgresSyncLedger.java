package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ledger in {@code device_sync}. No transaction is open while a provider is called. */
@ApplicationScoped
class PostgresSyncLedger implements SyncLedger {
    /** In which synced rows are counted: they hold some hundred thousand, and are read in less than a second. */
    private static final int SYNCED_PAGES = 30_000;

    /** Of each lane, since that is counted by every replica all the time: a few hundredths of a second. */
    private static final int PENDING_COUNTED = 100_000;

    /** From which it is told how many are pending, if they are not counted: some 60,000 rows. */
    private static final int PAGES = 5_000;

    private final Transactions transactions;
    private final SyncClaims claims;
    private final SyncSettlements settlements;

    PostgresSyncLedger(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.claims = new SyncClaims(transactions, vault);
        this.settlements = new SyncSettlements(transactions, vault);
    }

    @Override
    public List<SyncLease> lease(ProviderId provider, SyncLane lane, Duration duration, int most) {
        return claims.lease(provider, lane, duration, most);
    }

    @Override
    public void settle(SyncLease lease, Collection<Settlement> results) {
        settlements.settle(lease, results);
    }

    @Override
    public SyncTotals totals(ProviderId provider) {
        return transactions.run(connection -> SyncInspection.totals(connection, provider, PENDING_COUNTED, PAGES));
    }

    @Override
    public double requestsPerDevice(ProviderId provider, int most) {
        return transactions.run(connection -> SyncInspection.requestsPerDevice(connection, provider, most));
    }

    @Override
    public long countSynced(ProviderId provider) {
        return transactions.run(connection -> SyncInspection.countSynced(connection, provider, SYNCED_PAGES));
    }

    @Override
    public Page<ParkedSync, ParkedQuery.Position> parked(ParkedQuery query) {
        return transactions.run(connection -> SyncInspection.parked(connection, query));
    }

    @Override
    public Unparked unpark(ParkedSelection selection, SyncLane lane, ParkedQuery.@Nullable Position after, int limit) {
        return transactions.run(connection -> SyncInspection.unpark(connection, selection, lane, after, limit));
    }

    @Override
    public Optional<List<ProviderSync>> standing(CustomerId customer, DeviceId device) {
        return Transactions.read(() -> DeviceEntity.find(customer, device).isPresent()
                ? Optional.of(DeviceSyncEntity.of(device).stream()
                        .map(DeviceSyncEntity::toDomain)
                        .toList())
                : Optional.empty());
    }
}
