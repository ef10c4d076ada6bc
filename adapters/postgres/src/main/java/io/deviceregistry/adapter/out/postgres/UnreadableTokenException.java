package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.domain.DeviceId;
import org.jspecify.annotations.Nullable;

/** A stored token that the configured key does not open: another key, another device's row, or damage. */
final class UnreadableTokenException extends RuntimeException {
    private final DeviceId device;

    UnreadableTokenException(DeviceId device, @Nullable Throwable cause) {
        super("The token of device " + device + " cannot be opened with registry.token.encryption-key", cause);
        this.device = device;
    }

    DeviceId device() {
        return device;
    }
}
