package io.deviceregistry.domain;

import static io.deviceregistry.domain.Examples.ANOTHER;
import static io.deviceregistry.domain.Examples.ANOTHER_CALLER;
import static io.deviceregistry.domain.Examples.CALLER;
import static io.deviceregistry.domain.Examples.CUSTOMER;
import static io.deviceregistry.domain.Examples.LATER;
import static io.deviceregistry.domain.Examples.NOW;
import static io.deviceregistry.domain.Examples.OTHER_TOKEN;
import static io.deviceregistry.domain.Examples.THIRD_TOKEN;
import static io.deviceregistry.domain.Examples.TOKEN;
import static io.deviceregistry.domain.Examples.observedAt;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A registry at {@link Examples#LATER} in which there are just the given devices and their customers. It may be asked
 * for every customer and token of {@link Examples} and for every given device.
 */
final class RegistryBuilder {
    /** Far from being reached. */
    static final int LIMIT = 100;

    private final List<Device> devices;
    private final Map<CustomerId, Customer> customers = new HashMap<>();
    private Scope scope = Scope.EMPTY;
    private Supplier<DeviceId> newIds = Examples::anId;

    private RegistryBuilder(List<Device> devices) {
        this.devices = devices;
        for (Device device : devices) {
            customers.put(device.customer(), Customer.brought(device.customer(), ANOTHER_CALLER, NOW));
            scope = scope.withDevice(device.id());
        }
        List<DeviceToken> tokens = List.of(TOKEN, OTHER_TOKEN, THIRD_TOKEN);
        scope = scope.withTokens(CUSTOMER, tokens).withTokens(ANOTHER, tokens);
        tokens.forEach(token -> scope = scope.withHolderOf(token));
        scope = scope.withObservation(observedAt(0));
    }

    static Registry registryOf(Device... devices) {
        return with(devices).build();
    }

    static RegistryBuilder with(Device... devices) {
        return new RegistryBuilder(List.of(devices));
    }

    RegistryBuilder knowing(Customer customer) {
        customers.put(customer.id(), customer);
        return this;
    }

    RegistryBuilder askedFor(DeviceId device) {
        scope = scope.withDevice(device);
        return this;
    }

    RegistryBuilder within(Scope narrower) {
        scope = narrower;
        return this;
    }

    RegistryBuilder withNewIds(Supplier<DeviceId> ids) {
        newIds = ids;
        return this;
    }

    Registry build() {
        Map<CustomerId, Integer> activeDevices = new HashMap<>();
        devices.stream()
                .filter(Device::isActive)
                .forEach(device -> activeDevices.merge(device.customer(), 1, Integer::sum));
        return new Registry(scope, CALLER, LATER, newIds, customers.values(), activeDevices, formerHolders(), devices);
    }

    private Map<DeviceToken, Instant> formerHolders() {
        return devices.stream()
                .filter(device -> !device.isActive() && device.hasToken())
                .collect(Collectors.toMap(
                        Device::token, Device::lastSeenAt, (one, other) -> one.isAfter(other) ? one : other));
    }
}
