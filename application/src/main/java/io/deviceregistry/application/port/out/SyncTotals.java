package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many devices are in which state at one provider.
 *
 * @param parked by reason
 * @param oldestPending for how long the one has been pending that has been so longest; null if none is
 */
public record SyncTotals(
        long pending,
        Map<SyncReason, Long> parked,
        long unsupported,
        long synced,
        @Nullable Duration oldestPending) {
    public SyncTotals {
        parked = Map.copyOf(parked);
    }
}
