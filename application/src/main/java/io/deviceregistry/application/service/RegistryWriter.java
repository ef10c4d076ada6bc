package io.deviceregistry.application.service;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.Traces;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Changes the registry, makes the change due at every provider, and lets the sync begin at once. */
public final class RegistryWriter {
    private final DeviceStore store;
    private final Set<ProviderId> providers;
    private final Runnable wakeSync;
    private final Traces traces;

    /** @param wakeSync called after a change that left something for a provider; must not block */
    public RegistryWriter(DeviceStore store, Collection<DeviceProvider> providers, Runnable wakeSync, Traces traces) {
        this.store = store;
        this.providers = providers.stream().map(DeviceProvider::id).collect(Collectors.toUnmodifiableSet());
        this.wakeSync = wakeSync;
        this.traces = traces;
    }

    /** As {@link DeviceStore#change}, for all providers. */
    <T extends @Nullable Object> T change(Caller by, Scope scope, Function<Registry, T> change) {
        return waking(change, noting -> store.change(writing(by, SyncLane.FRESH), scope, noting));
    }

    /** As {@link #change}, of what providers are told behind what people do now. */
    <T extends @Nullable Object> T catchUp(Caller by, Scope scope, Function<Registry, T> change) {
        return waking(change, noting -> store.change(writing(by, SyncLane.BACKLOG), scope, noting));
    }

    /** As {@link DeviceStore#changeOnce}, for all providers. */
    Answer changeOnce(
            Caller by, Scope scope, IdempotentRequest request, Duration maxAge, Function<Registry, String> change) {
        return waking(change, noting -> store.changeOnce(writing(by, SyncLane.FRESH), scope, request, maxAge, noting));
    }

    private Writing writing(Caller by, SyncLane lane) {
        return new Writing(by, providers, lane, traces.current());
    }

    /** @param store lets the change that it is given happen; durable on return */
    private <T extends @Nullable Object, R extends @Nullable Object> R waking(
            Function<Registry, T> change, Function<Function<Registry, T>, R> store) {
        AtomicBoolean concernsProviders = new AtomicBoolean();
        R result = store.apply(registry -> {
            T made = change.apply(registry);
            concernsProviders.set(registry.changedDevices().stream().anyMatch(Registry.Change::concernsProviders));
            return made;
        });
        if (concernsProviders.get()) {
            wakeSync.run();
        }
        return result;
    }
}
