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
import java.time.Duration;
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
     * What is to be watched of a provider.
     *
     * @param pause null while the provider is sent to
     * @param drift what comparisons found so far
     */
    record Standing(
            ProviderId provider,
            SyncTotals totals,
            @Nullable Pause pause,
            Map<DriftKind, Long> drift) {
        public Standing {
            drift = Map.copyOf(drift);
        }
    }

    /** How each provider stands, by its name. Counts what is not synced. */
    List<Standing> standing();

    /**
     * @param traffic requests by minute, the newest first
     * @param backlogLeft how long it will take, about, until the provider is told of all that is pending, of the backlog
     *     last; null if there is no backlog, and while nobody can tell, as in a pause
     */
    record Overview(
            Standing standing,
            long synced,
            List<Traffic> traffic,
            @Nullable Duration backlogLeft) {
        public Overview {
            traffic = List.copyOf(traffic);
        }
    }

    /** How far each provider is, by its name. Counts all devices, so it is for people and not for every second. */
    List<Overview> overview();

    Page<ParkedSync, ParkedQuery.Position> parked(ParkedQuery query);
}
