package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Locks, reads, lets the change decide, and writes what it made: with other changes where that can be, or alone. */
@ApplicationScoped
class PostgresDeviceStore implements DeviceStore {
    private final Transactions transactions;
    private final GroupCommit groupCommit;
    private final DeviceLists lists;
    private final TokenVault vault;
    private final DeviceIds ids;

    PostgresDeviceStore(
            Transactions transactions, GroupCommit groupCommit, DeviceLists lists, TokenVault vault, DeviceIds ids) {
        this.transactions = transactions;
        this.groupCommit = groupCommit;
        this.lists = lists;
        this.vault = vault;
        this.ids = ids;
    }

    @Override
    public <T extends @Nullable Object> T change(Writing writing, Scope scope, Function<Registry, T> change) {
        Footprint first = Footprint.of(scope, vault.hashes());
        if (!transactions.isEnclosed() && GroupCommit.takes(first)) {
            PendingChange<T> pending = new PendingChange<>(writing, first, change);
            if (groupCommit.write(pending)) {
                return pending.result();
            }
        }
        return transactions.run(connection -> {
            // Mostly the same; other ones once the database has another lookup key.
            TokenHashes hashes = vault.hashes();
            Footprint footprint = first.made() == hashes ? first : Footprint.of(scope, hashes);
            Registry registry = LoadedRegistry.load(connection, footprint, writing.by(), vault, ids);
            T result = change.apply(registry);
            RegistryChanges.store(connection, List.of(new RegistryChanges.Part(registry, footprint, writing)), vault);
            return result;
        });
    }

    @Override
    public Optional<Device> device(CustomerId customer, DeviceId device) {
        return Transactions.read(() -> DeviceEntity.find(customer, device).map(entity -> entity.toDomain(vault)));
    }

    @Override
    public Page<Device, DeviceId> devices(DeviceQuery query) {
        if (DeviceLists.takes(query)) {
            return lists.page(query);
        }
        return transactions.runAtOnce(connection -> new DeviceSearch(query, vault).run(connection));
    }

    @Override
    public long estimate(Set<DeviceStatus> statuses) {
        return transactions.runAtOnce(connection -> DeviceEstimate.of(connection, statuses, PageSample.PAGES));
    }
}
