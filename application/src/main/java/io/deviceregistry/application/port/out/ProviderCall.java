package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import java.util.List;

/** One request to a provider, about devices of one customer. */
public sealed interface ProviderCall {

    CustomerId customer();

    /** The devices that the request is about. */
    List<DeviceId> devices();

    /** The provider holds none of these; it is to hold all. */
    record Create(CustomerId customer, List<Device> added) implements ProviderCall {
        public Create {
            added = List.copyOf(added);
        }

        @Override
        public List<DeviceId> devices() {
            return added.stream().map(Device::id).toList();
        }
    }

    /** The provider holds the device otherwise than it is now. */
    record Update(Device device, Holding held) implements ProviderCall {
        @Override
        public CustomerId customer() {
            return device.customer();
        }

        @Override
        public List<DeviceId> devices() {
            return List.of(device.id());
        }
    }

    /**
     * Nothing may reach the device by the provider any more.
     *
     * @param heldToken the token by which the provider knows the device, or may know it
     */
    record Retire(Device device, DeviceToken heldToken) implements ProviderCall {
        @Override
        public CustomerId customer() {
            return device.customer();
        }

        @Override
        public List<DeviceId> devices() {
            return List.of(device.id());
        }
    }
}
