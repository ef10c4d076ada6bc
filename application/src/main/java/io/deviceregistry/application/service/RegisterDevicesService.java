package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.RegisterDevices;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.RegistryException;
import io.deviceregistry.domain.Scope;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Registers devices, each token once. */
public final class RegisterDevicesService implements RegisterDevices {
    private final RegistryWriter writer;
    private final int maxDevices;

    /** @param maxDevices the most active devices that a customer may have */
    public RegisterDevicesService(RegistryWriter writer, int maxDevices) {
        this.writer = writer;
        this.maxDevices = maxDevices;
    }

    @Override
    public List<Registration> register(Caller by, CustomerId customer, List<DeviceRegistration> devices) {
        requireOneTypePerToken(devices);
        Map<DeviceToken, DeviceRegistration> byToken = DeviceRegistration.byToken(devices);
        Map<DeviceToken, Registration> results = writer.change(
                by,
                Scope.EMPTY.withRegistrations(customer, byToken.values()),
                registry -> byToken.values().stream()
                        .collect(Collectors.toMap(
                                DeviceRegistration::token, entry -> registry.register(customer, entry, maxDevices))));
        return devices.stream()
                .map(entry -> Objects.requireNonNull(results.get(entry.token())))
                .toList();
    }

    private static void requireOneTypePerToken(List<DeviceRegistration> devices) {
        TreeMap<Integer, DeviceRegistration> entries = new TreeMap<>(
                IntStream.range(0, devices.size()).boxed().collect(Collectors.toMap(i -> i, devices::get)));
        List<Integer> conflicts = DeviceRegistration.conflictingTypes(entries);
        if (!conflicts.isEmpty()) {
            throw new ConflictingTypesException(conflicts);
        }
    }

    @Override
    public List<ItemResult> registerEach(Caller by, List<Item> items) {
        if (items.size() > MAX_ITEMS) {
            throw new IllegalArgumentException("At most " + MAX_ITEMS + " items at once");
        }
        Scope scope = items.stream()
                .reduce(
                        Scope.EMPTY,
                        (sum, item) -> sum.withRegistrations(item.customer(), List.of(item.device())),
                        (one, _) -> one);
        return writer.change(
                by,
                scope,
                registry -> items.stream().map(item -> register(registry, item)).toList());
    }

    private ItemResult register(Registry registry, Item item) {
        try {
            return new ItemResult.Registered(registry.register(item.customer(), item.device(), maxDevices));
        } catch (RegistryException e) {
            return new ItemResult.Refused(e);
        }
    }
}
