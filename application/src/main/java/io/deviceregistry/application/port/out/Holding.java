package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import org.jspecify.annotations.Nullable;

/**
 * A device as a provider has it.
 *
 * @param remoteId the provider's own id, where it gave one; any text
 */
public record Holding(@Nullable String remoteId, DeviceType type, DeviceToken token) {

    public boolean matches(Device device) {
        return type.equals(device.type()) && token.equals(device.token());
    }
}
