package io.deviceregistry.application.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceQuery.SyncFilter;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says which devices a test looks for: all of them, removed ones included, as long as nothing else is said. */
public record Search(
        @Nullable CustomerId customer,
        @Nullable DeviceToken token,
        @Nullable SyncFilter sync,
        @Nullable DeviceType type,
        Set<DeviceStatus> statuses,
        @Nullable Instant before,
        @Nullable Instant after) {

    public static Search all() {
        return new Search(null, null, null, null, EnumSet.allOf(DeviceStatus.class), null, null);
    }

    public Search of(CustomerId wanted) {
        return new Search(wanted, token, sync, type, statuses, before, after);
    }

    public Search having(DeviceToken wanted) {
        return new Search(customer, wanted, sync, type, statuses, before, after);
    }

    public Search at(ProviderId provider, SyncState state) {
        return new Search(customer, token, new SyncFilter(provider, state), type, statuses, before, after);
    }

    public Search ofType(DeviceType wanted) {
        return new Search(customer, token, sync, wanted, statuses, before, after);
    }

    public Search being(DeviceStatus... wanted) {
        return new Search(customer, token, sync, type, Set.of(wanted), before, after);
    }

    public Search seenBefore(Instant time) {
        return new Search(customer, token, sync, type, statuses, time, after);
    }

    public Search seenAfter(Instant time) {
        return new Search(customer, token, sync, type, statuses, before, time);
    }

    public DeviceQuery page(@Nullable DeviceId position, int limit) {
        return new DeviceQuery(customer, token, sync, type, statuses, before, after, position, limit);
    }

    /** What all pages of up to two devices hold. */
    public List<Device> in(DeviceStore store) {
        List<Device> found = new ArrayList<>();
        DeviceId position = null;
        do {
            Page<Device, DeviceId> page = store.devices(page(position, 2));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(2);
            found.addAll(page.items());
            position = page.next();
        } while (position != null);
        return found;
    }
}
