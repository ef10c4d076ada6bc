package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceToken;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One leased device: what the registry holds, and what the provider is known to hold.
 *
 * @param version the version of the device's last change that concerns a provider
 * @param holding null if the provider is not known to hold the device
 * @param uncertain whether an attempt's outcome is unknown and the provider was not asked since: it may hold the device
 *     otherwise than is known, or after all
 * @param parked whether it is parked, and tried again all the same
 * @param failures attempts that failed since the last one that did not; of one that is parked, since it was
 * @param strikes those failures that count towards giving up: see {@link Settlement.Retry}
 * @param formerTokens tokens that the device had while an attempt was under way, or of unknown outcome, the newest last:
 *     the provider may know it by one of them
 * @param origin what led to the last change that concerns a provider, if that was followed: see {@link Traces}
 */
public record SyncTask(
        Device device,
        long version,
        @Nullable Holding holding,
        boolean uncertain,
        boolean parked,
        int failures,
        int strikes,
        List<DeviceToken> formerTokens,
        @Nullable String origin) {
    public SyncTask {
        formerTokens = List.copyOf(formerTokens);
    }

    /** Now that the provider has told what it holds. */
    public SyncTask knowing(@Nullable Holding told) {
        return new SyncTask(device, version, told, false, parked, failures, strikes, formerTokens, origin);
    }
}
