package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The edits of one call: each sees the ones before it, and none has happened until the whole call has succeeded. */
final class CustomerEdits {

    private final State state;
    private final String now;
    private final Map<String, Customer> edited = new LinkedHashMap<>();
    private final Map<String, List<Device>> added = new LinkedHashMap<>();

    CustomerEdits(State state, String now) {
        this.state = state;
        this.now = now;
    }

    String now() {
        return now;
    }

    Optional<Customer> find(String id) {
        return Optional.ofNullable(edited.get(id)).or(() -> state.customer(id));
    }

    Optional<Customer> findByEmail(String email) {
        return state.customers().stream()
                .filter(customer -> email.equals(customer.email()))
                .findFirst()
                .flatMap(customer -> find(customer.customerId()));
    }

    void save(Customer customer, CustomerInput input) {
        String id = customer.customerId();
        edited.put(id, customer.with(input, now));
        input.devices()
                .forEach(device ->
                        added.computeIfAbsent(id, any -> new ArrayList<>()).add(Device.create(device, now)));
    }

    List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        edited.values().forEach(customer -> changes.add(new Change.CustomerSaved(customer)));
        added.forEach((id, devices) -> devices.forEach(device -> changes.add(new Change.DeviceSaved(id, device))));
        return changes;
    }

    /** The edited customers as they will be. */
    ArrayNode saved() {
        ArrayNode array = Json.array();
        edited.forEach((id, customer) -> {
            List<Device> devices = new ArrayList<>(state.devicesOf(id));
            devices.addAll(added.getOrDefault(id, List.of()));
            array.add(customer.toJson(devices));
        });
        return array;
    }
}
