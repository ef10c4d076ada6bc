package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import org.jspecify.annotations.Nullable;

/**
 * Which parked devices are listed: those that satisfy all that is not null, by provider, then by device.
 *
 * @param after only what follows this position
 * @param limit at most so many in a page; at least 1
 */
public record ParkedQuery(
        @Nullable ProviderId provider,
        @Nullable SyncReason reason,
        @Nullable Position after,
        int limit) {

    public record Position(ProviderId provider, DeviceId device) {}
}
