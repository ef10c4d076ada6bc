package io.deviceregistry.domain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A person or account of the company, with the devices that were ever registered for it, removed ones included.
 *
 * <p>A customer has at most one device per token. It need not be announced: the first registration brings it into
 * being.
 */
public record Customer(CustomerId id, List<Device> devices) {

    public Customer {
        devices = List.copyOf(devices);
        if (devices.stream().anyMatch(device -> !device.customer().equals(id))) {
            throw new IllegalArgumentException("A customer has only devices of its own");
        }
        if (devices.stream().map(Device::token).distinct().count() < devices.size()) {
            throw new IllegalArgumentException("A customer has one device per token");
        }
    }

    public static Customer withoutDevices(CustomerId id) {
        return new Customer(id, List.of());
    }

    /**
     * What registering a device comes to. The device's former holder, if it has one, is the caller's to deal with: see
     * {@link Device#transferredAway}.
     *
     * @param heldElsewhere whether another customer's active device has the token
     * @param newId asked only if the customer has no device with the token
     */
    public Registration register(
            DeviceRegistration registration, boolean heldElsewhere, Supplier<DeviceId> newId, Instant now) {
        Optional<Device> known = device(registration.token());
        Device device = known.map(before -> before.registeredAgain(registration, now))
                .orElseGet(() -> Device.registered(newId.get(), id, registration, now));
        return new Registration(device, outcome(known, device, heldElsewhere));
    }

    private static Registration.Outcome outcome(Optional<Device> known, Device device, boolean heldElsewhere) {
        if (heldElsewhere) {
            return Registration.Outcome.TRANSFERRED;
        }
        if (known.isEmpty()) {
            return Registration.Outcome.CREATED;
        }
        if (!known.get().isActive()) {
            return Registration.Outcome.REACTIVATED;
        }
        return device.version() == known.get().version() ? Registration.Outcome.EXISTING : Registration.Outcome.CHANGED;
    }

    public Optional<Device> device(DeviceToken token) {
        return devices.stream().filter(device -> device.token().equals(token)).findFirst();
    }

    /** This customer with the device in the place of the one with its id, or added. */
    public Customer with(Device device) {
        return new Customer(
                id,
                Stream.concat(devices.stream().filter(other -> !other.id().equals(device.id())), Stream.of(device))
                        .toList());
    }
}
