package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotencyRecords.Kept;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
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
            PendingChange<T> pending = PendingChange.of(writing, first, change);
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
    public Answer changeOnce(
            Writing writing,
            Scope scope,
            IdempotentRequest request,
            Duration maxAge,
            Function<Registry, String> change) {
        if (transactions.isEnclosed()) {
            throw new IllegalStateException("A request takes effect in a transaction of its own");
        }
        Footprint first = footprint(scope, request, maxAge);
        if (GroupCommit.takes(first)) {
            PendingChange<String> pending = PendingChange.once(writing, first, change);
            if (groupCommit.write(pending)) {
                Kept kept = pending.kept();
                return kept == null ? new Answer(pending.result(), false) : kept.repeated();
            }
        }
        return transactions.run(connection -> {
            Footprint footprint = first.made() == vault.hashes() ? first : footprint(scope, request, maxAge);
            Optional<Kept> kept = requireNonNull(footprint.record()).tryLockAndFind(connection, vault);
            if (kept.isPresent()) {
                return kept.get().repeated();
            }
            Registry registry = LoadedRegistry.load(connection, footprint, writing.by(), vault, ids);
            String answer = change.apply(registry);
            RegistryChanges.storeAndCommit(
                    connection, List.of(new RegistryChanges.Part(registry, footprint, writing, answer)), vault);
            return new Answer(answer, false);
        });
    }

    private Footprint footprint(Scope scope, IdempotentRequest request, Duration maxAge) {
        return Footprint.of(scope, vault.hashes(), IdempotencyRecord.of(request, maxAge, vault));
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
