package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Stores the devices together with what every provider must be told, then lets the sync begin at once. */
public final class RegisterDevicesService implements RegisterDevices {
    private final DeviceStore store;
    private final Set<ProviderId> providers;
    private final Runnable wakeSync;

    /** @param wakeSync called after a commit that may have left something for a provider; must not block */
    public RegisterDevicesService(DeviceStore store, Collection<DeviceProvider> providers, Runnable wakeSync) {
        this.store = store;
        this.providers = providers.stream().map(DeviceProvider::id).collect(Collectors.toUnmodifiableSet());
        this.wakeSync = wakeSync;
    }

    @Override
    public List<Registration> register(CustomerId customer, List<DeviceRegistration> devices) {
        requireOneTypePerToken(devices);
        Map<DeviceToken, DeviceRegistration> byToken = byToken(devices);
        List<Registration> stored = store.register(customer, List.copyOf(byToken.values()), providers);
        if (stored.stream().anyMatch(one -> one.outcome() != Registration.Outcome.EXISTING)) {
            wakeSync.run();
        }
        Map<DeviceToken, Registration> results =
                stored.stream().collect(Collectors.toMap(one -> one.device().token(), one -> one));
        return devices.stream().map(entry -> results.get(entry.token())).toList();
    }

    private static void requireOneTypePerToken(List<DeviceRegistration> devices) {
        TreeMap<Integer, DeviceRegistration> entries = new TreeMap<>(
                IntStream.range(0, devices.size()).boxed().collect(Collectors.toMap(i -> i, devices::get)));
        List<Integer> conflicts = DeviceRegistration.conflictingTypes(entries);
        if (!conflicts.isEmpty()) {
            throw new ConflictingTypesException(conflicts);
        }
    }

    private static Map<DeviceToken, DeviceRegistration> byToken(List<DeviceRegistration> devices) {
        Map<DeviceToken, DeviceRegistration> byToken = new LinkedHashMap<>();
        for (DeviceRegistration entry : devices) {
            byToken.merge(entry.token(), entry, (first, last) -> last.metadata() == null ? first : last);
        }
        return byToken;
    }
}
