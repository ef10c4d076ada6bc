package io.deviceregistry.adapter.out.postgres;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Locks, reads, lets the change decide, and writes what it made. */
@ApplicationScoped
class PostgresDeviceStore implements DeviceStore {
    private final Transactions transactions;
    private final TokenVault vault;

    /** Ascending within this process, also within a millisecond: devices of one request are sent in its order. */
    private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

    PostgresDeviceStore(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    @Override
    public <T extends @Nullable Object> T change(Writing writing, Scope scope, Function<Registry, T> change) {
        return transactions.run(connection -> {
            Registry registry = LoadedRegistry.load(connection, scope, vault, () -> new DeviceId(ids.generate()));
            T result = change.apply(registry);
            RegistryChanges.store(connection, registry, writing, vault);
            return result;
        });
    }

    @Override
    public Optional<Device> device(CustomerId customer, DeviceId device) {
        return Transactions.read(() -> DeviceEntity.find(customer, device).map(entity -> entity.toDomain(vault)));
    }

    @Override
    public Page<Device, DeviceId> devices(DeviceQuery query) {
        return transactions.run(connection -> new DeviceSearch(query, vault).run(connection));
    }
}
