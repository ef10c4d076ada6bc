package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncState;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the ledger does not know: devices of which a provider was never to be told, and what a provider holds
 * otherwise than is believed. Each call is a short transaction; any number of processes may call at once. Every method may
 * throw {@link StoreUnavailableException}.
 */
public interface SyncRepair {

    /**
     * Looks at the next devices of a walk over all of them, which all processes share and which begins anew when the
     * interval has passed since its last beginning. Active devices of which a provider was never to be told become due in
     * its backlog.
     *
     * @param window how many devices to look at
     * @param mostWaiting the walk rests while so many devices wait in the backlog already
     */
    Sweep sweep(ProviderId provider, Duration interval, int window, int mostWaiting);

    /**
     * @param added how many devices became due
     * @param more whether the walk goes on at once
     */
    record Sweep(int added, boolean more) {}

    /**
     * The next customer of an endless walk that all processes share; none before the pace has passed since the last, nor
     * while anything is due at the provider.
     */
    Optional<CustomerId> nextToCompare(ProviderId provider, Duration pace);

    /**
     * Leases a customer to compare with a provider; empty if the provider is still to be told something of the customer,
     * or is being told, or if there is no such customer. No attempt begins by it.
     */
    Optional<CustomerLease> leaseToCompare(ProviderId provider, CustomerId customer, Duration duration);

    /** The right to compare one customer's devices with what a provider holds, for a limited time. */
    record CustomerLease(UUID id, ProviderId provider, CustomerId customer, List<Known> devices) {
        public CustomerLease {
            devices = List.copyOf(devices);
        }
    }

    /**
     * A device of the customer, removed ones included.
     *
     * @param version the version that was to reach the provider
     * @param holding what the provider is believed to hold; null if nothing
     */
    record Known(
            Device device,
            long version,
            SyncState state,
            @Nullable Holding holding) {}

    /**
     * Ends a lease. What drifted becomes due in the backlog, with what the provider holds in truth, unless it changed
     * meanwhile or the lease has passed to someone else; what was found is counted for good.
     *
     * @param strangers devices that the provider holds and the registry does not know
     */
    void endComparison(CustomerLease lease, Collection<Drift> drifts, int strangers);

    /** @param told what the provider holds; null if nothing */
    record Drift(
            DeviceId device,
            long version,
            DriftKind kind,
            @Nullable Holding told) {}

    enum DriftKind {
        /** The provider does not hold a device that it was to hold. */
        MISSING,
        /** The provider holds a device with another type or token. */
        DIFFERENT,
        /** The provider holds a device that it was not to hold. */
        EXTRA
    }

    /** How many devices of each kind were found in all comparisons so far; strangers are extra. */
    Map<DriftKind, Long> drift(ProviderId provider);
}
