package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ProviderGate.Pause;
import io.deviceregistry.application.port.out.ProviderGate.Traffic;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.port.out.SyncRepair.DriftKind;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.UnknownDeviceException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells how the providers stand. Every method throws {@link StoreUnavailableException} if the store cannot be reached. */
public interface InspectSync {

    /**
     * How each provider stands towards a device, removed ones included, by the provider's name.
     *
     * @throws UnknownDeviceException if the customer never had such a device
     */
    List<ProviderSync> ofDevice(CustomerId customer, DeviceId device);

    /**
     * @param pause null while the provider is sent to
     * @param traffic requests by minute, the newest first
     * @param drift what comparisons found so far
     */
    record Overview(
            ProviderId provider,
            SyncTotals totals,
            @Nullable Pause pause,
            List<Traffic> traffic,
            Map<DriftKind, Long> drift) {
        public Overview {
            traffic = List.copyOf(traffic);
            drift = Map.copyOf(drift);
        }
    }

    /** How far each provider is, by its name. Counts all devices, so it is for people and not for every second. */
    List<Overview> overview();

    Page<ParkedSync, ParkedQuery.Position> parked(ParkedQuery query);
}
