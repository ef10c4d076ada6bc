package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.util.Map;

/** An outside system that must know the devices. One adapter, one implementation, found by being there. */
public interface DeviceProvider {

    /** The provider's name: stored with all that is known about it, so it never changes. */
    ProviderId id();

    boolean supports(DeviceType type);

    /** How many HTTP requests a minute all replicas together may make; 0 for no limit. */
    int requestsPerMinute();

    /** The most devices that one {@link ProviderCall.Create} may carry; at least 1. */
    int maxDevicesPerCall();

    /** An upper bound of the time that {@link #apply} takes. */
    Duration callDeadline();

    /**
     * Makes one HTTP request and tells what became of each device in it. Blocks for at most {@link #callDeadline}, and
     * throws nothing for what the provider or the network does.
     *
     * @return an outcome for every device of the call
     */
    Map<DeviceId, Outcome> apply(ProviderCall call);
}
