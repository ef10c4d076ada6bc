package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the changes in the order in which they say that they happened: each while it has its part of the registry for
 * itself.
 */
final class OrderedStore implements DeviceStore {
    /** Of a call that did not come so far. */
    static final long NEVER = 0;

    private final DeviceStore store;
    private final AtomicLong numbers = new AtomicLong(NEVER);
    private final ThreadLocal<Long> latest = ThreadLocal.withInitial(() -> NEVER);

    OrderedStore(DeviceStore store) {
        this.store = store;
    }

    /** A moment between the changes. */
    long now() {
        return numbers.incrementAndGet();
    }

    /** The number of this thread's change since it asked last. */
    long takeLatest() {
        long number = latest.get();
        latest.set(NEVER);
        return number;
    }

    @Override
    public <T extends @Nullable Object> T change(Writing writing, Scope scope, Function<Registry, T> change) {
        return numbered(change, numbering -> store.change(writing, scope, numbering));
    }

    @Override
    public Answer changeOnce(
            Writing writing,
            Scope scope,
            IdempotentRequest request,
            Duration maxAge,
            Function<Registry, String> change) {
        return numbered(change, numbering -> store.changeOnce(writing, scope, request, maxAge, numbering));
    }

    private <T extends @Nullable Object, R extends @Nullable Object> R numbered(
            Function<Registry, T> change, Function<Function<Registry, T>, R> ask) {
        // It may happen on another thread. The last time counts, should the store have to begin anew.
        AtomicLong number = new AtomicLong(NEVER);
        try {
            return ask.apply(registry -> {
                number.set(now());
                return change.apply(registry);
            });
        } finally {
            latest.set(number.get());
        }
    }

    @Override
    public Optional<Device> device(CustomerId customer, DeviceId device) {
        return store.device(customer, device);
    }

    @Override
    public Page<Device, DeviceId> devices(DeviceQuery query) {
        return store.devices(query);
    }

    @Override
    public long estimate(Set<DeviceStatus> statuses) {
        return store.estimate(statuses);
    }
}
