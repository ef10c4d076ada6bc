package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many devices are in which state at one provider; those that are synced, nearly all, are not among them.
 *
 * @param pending by lane; an estimate where there are very many
 * @param parked by reason
 * @param oldestPending for how long the one has been pending that has been so longest; null if none is. Where
 *     there are very many, of those that are due first
 * @param twoHolders tokens that another customer has by now and whose former holder the provider still knows, since it
 *     could not be told: pushes reach somebody whom they are not for
 */
public record SyncTotals(
        Map<SyncLane, Long> pending,
        Map<SyncReason, Long> parked,
        long unsupported,
        @Nullable Duration oldestPending,
        long twoHolders) {
    public SyncTotals {
        pending = Map.copyOf(pending);
        parked = Map.copyOf(parked);
    }
}
