package io.deviceregistry.sandbox.bunce;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What Bunce would know: customers in the order of their creation, and their devices likewise. Not thread-safe. */
final class State {

    private final Map<String, Customer> customers = new LinkedHashMap<>();
    private final Map<String, Map<String, Device>> devices = new LinkedHashMap<>();

    void apply(Change change) {
        switch (change) {
            case Change.CustomerSaved(Customer customer) -> {
                customers.put(customer.customerId(), customer);
                devices.computeIfAbsent(customer.customerId(), any -> new LinkedHashMap<>());
            }
            case Change.DeviceSaved(String customerId, Device device) ->
                devices.computeIfAbsent(customerId, any -> new LinkedHashMap<>())
                        .put(device.deviceId(), device);
        }
    }

    void clear() {
        customers.clear();
        devices.clear();
    }

    Collection<Customer> customers() {
        return Collections.unmodifiableCollection(customers.values());
    }

    Optional<Customer> customer(String id) {
        return Optional.ofNullable(customers.get(id));
    }

    List<Device> devicesOf(String customerId) {
        return List.copyOf(devices.getOrDefault(customerId, Map.of()).values());
    }
}
