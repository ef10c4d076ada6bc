package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncState;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which devices are looked for: those that satisfy all that is not null. Token, customer and sync lead to the devices by
 * an index, but for the state {@code SYNCED}: nearly all devices have it, so no index holds them. The rest narrows what
 * they lead to, or all devices.
 *
 * @param statuses any of these
 * @param seenBefore of {@code lastSeenAt}, exclusive, as is {@code seenAfter}
 * @param after only devices whose id follows this one
 * @param limit at most so many in a page; at least 1
 */
public record DeviceQuery(
        @Nullable CustomerId customer,
        @Nullable DeviceToken token,
        @Nullable SyncFilter sync,
        @Nullable DeviceType type,
        Set<DeviceStatus> statuses,
        @Nullable Instant seenBefore,
        @Nullable Instant seenAfter,
        @Nullable DeviceId after,
        int limit) {

    public record SyncFilter(ProviderId provider, SyncState state) {}

    public DeviceQuery {
        statuses = Set.copyOf(statuses);
    }

    /** Devices of one customer. */
    public static DeviceQuery ofCustomer(
            CustomerId customer, Set<DeviceStatus> statuses, @Nullable DeviceId after, int limit) {
        return new DeviceQuery(customer, null, null, null, statuses, null, null, after, limit);
    }
}
