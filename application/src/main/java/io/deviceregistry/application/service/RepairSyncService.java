package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.RepairSync;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.ListsDevices;
import io.deviceregistry.application.port.out.ListsDevices.Listing;
import io.deviceregistry.application.port.out.ListsDevices.RemoteDevice;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Breaker;
import io.deviceregistry.application.port.out.ProviderGate.Permit;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.application.port.out.SyncRepair.CustomerLease;
import io.deviceregistry.application.port.out.SyncRepair.Drift;
import io.deviceregistry.application.port.out.SyncRepair.DriftKind;
import io.deviceregistry.application.port.out.SyncRepair.Known;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.SyncState;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Walks slowly over everything, in nobody's way. */
public final class RepairSyncService implements RepairSync {
    private static final Logger LOG = System.getLogger(RepairSyncService.class.getName());

    /** Devices that a step of the sweep looks at. */
    private static final int WINDOW = 1_000;

    /** So many in the backlog keep a provider busy for long enough. */
    private static final int MOST_WAITING = 10_000;

    /** How long whoever asks for a comparison waits for a permit. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What a lease must leave besides the question. */
    private static final Duration LEASE_MARGIN = PATIENCE.plusSeconds(5);

    private final List<DeviceProvider> providers;
    private final SyncRepair repair;
    private final ProviderGate gate;
    private final Breaker breaker;
    private final Duration sweepInterval;
    private final Duration comparisonPace;
    private final Runnable wakeSync;

    /**
     * @param sweepInterval from the beginning of one sweep to that of the next
     * @param comparisonPace how long all processes together take for a customer; zero for no walk at all
     * @param wakeSync called after something was made due; must not block
     * @throws IllegalArgumentException naming the key of a duration that makes no sense
     */
    public RepairSyncService(
            Collection<DeviceProvider> providers,
            SyncRepair repair,
            ProviderGate gate,
            Breaker breaker,
            Duration sweepInterval,
            Duration comparisonPace,
            Runnable wakeSync) {
        this.providers = providers.stream()
                .sorted(Comparator.comparing(provider -> provider.id().value()))
                .toList();
        this.repair = repair;
        this.gate = gate;
        this.breaker = breaker;
        this.sweepInterval = sweepInterval;
        this.comparisonPace = comparisonPace;
        this.wakeSync = wakeSync;
        require(sweepInterval.isPositive(), "sweep-interval");
        require(!comparisonPace.isNegative(), "comparison-pace");
    }

    private static void require(boolean longEnough, String key) {
        if (!longEnough) {
            throw new IllegalArgumentException("registry.sync." + key + " is too short");
        }
    }

    @Override
    public void sweep() {
        for (DeviceProvider provider : providers) {
            if (repair.sweep(provider.id(), sweepInterval, WINDOW, MOST_WAITING).added() > 0) {
                wakeSync.run();
            }
        }
    }

    @Override
    public void compareNext() {
        if (comparisonPace.isZero()) {
            return;
        }
        for (DeviceProvider provider : providers) {
            if (provider instanceof ListsDevices lister
                    && gate.pauseOf(provider.id()).isEmpty()) {
                repair.nextToCompare(provider.id(), comparisonPace)
                        .ifPresent(customer -> compare(provider, lister, customer, Duration.ZERO));
            }
        }
    }

    @Override
    public List<Comparison> compare(Caller by, CustomerId customer) {
        LOG.log(Level.INFO, "{0} has a customer compared with every provider", by);
        return providers.stream()
                .map(provider -> new Comparison(
                        provider.id(),
                        provider instanceof ListsDevices lister
                                ? compare(provider, lister, customer, PATIENCE)
                                : new Finding.NotOffered()))
                .toList();
    }

    private Finding compare(DeviceProvider provider, ListsDevices lister, CustomerId customer, Duration patience) {
        Optional<CustomerLease> lease = repair.leaseToCompare(
                provider.id(), customer, provider.callDeadline().plus(LEASE_MARGIN));
        if (lease.isEmpty()) {
            return new Finding.UnderWay();
        }
        Masking masking = Masking.of(lease.get().devices().stream().flatMap(RepairSyncService::tokens));
        List<Drift> drifts = new ArrayList<>();
        int strangers = 0;
        try {
            if (!(gate.reserve(provider.id(), provider.requestsPerMinute(), patience)
                            instanceof Permit.Granted(Duration in, boolean troubled))
                    || !Durations.waited(in)) {
                return new Finding.NotAnswered("The provider takes no requests now");
            }
            Listing listing = lister.devicesOf(customer);
            report(provider, customer, listing, troubled);
            switch (listing) {
                case Listing.NotOffered _ -> {
                    return new Finding.NotOffered();
                }
                case Listing.Failed(Outcome.Failure failure) -> {
                    return new Finding.NotAnswered(masking.mask(failure.words()));
                }
                case Listing.Complete(List<RemoteDevice> remote) -> {
                    drifts.addAll(drifts(lease.get(), remote, masking));
                    strangers = strangers(lease.get(), remote);
                }
            }
        } finally {
            repair.endComparison(lease.get(), drifts, strangers);
        }
        if (!drifts.isEmpty()) {
            wakeSync.run();
        }
        return new Finding.Compared(
                count(drifts, DriftKind.MISSING),
                count(drifts, DriftKind.DIFFERENT),
                count(drifts, DriftKind.EXTRA) + strangers);
    }

    /** A comparison is a request like any other: the gate hears of what became of it. */
    private void report(DeviceProvider provider, CustomerId customer, Listing listing, boolean troubled) {
        gate.count(provider.id(), 1, listing instanceof Listing.Failed ? 1 : 0);
        if (listing instanceof Listing.Failed(Outcome.Failure failure)) {
            GateReport.tell(gate, provider.id(), customer, breaker, Set.of(failure));
        } else if (troubled) {
            gate.recovered(provider.id());
        }
    }

    private static List<Drift> drifts(CustomerLease lease, List<RemoteDevice> remote, Masking masking) {
        Map<DeviceToken, Holding> told = new HashMap<>();
        for (Known known : lease.devices()) {
            tokens(known)
                    .forEach(token -> remote.stream()
                            .filter(one -> one.token().equals(token))
                            .findFirst()
                            .ifPresent(one -> told.put(token, holding(one, known.device(), masking))));
        }
        Set<DeviceToken> active = lease.devices().stream()
                .map(Known::device)
                .filter(Device::isActive)
                .map(Device::token)
                .collect(Collectors.toSet());
        // What parked waits for a person, and what is unsupported is known to be wrong.
        return lease.devices().stream()
                .filter(known -> known.state() == SyncState.SYNCED)
                .flatMap(known -> drift(known, told, active).stream())
                .toList();
    }

    private static Optional<Drift> drift(Known known, Map<DeviceToken, Holding> told, Set<DeviceToken> active) {
        Device device = known.device();
        Holding now = told.get(device.token());
        if (!device.isActive()) {
            // Another device of the customer may have the token by now.
            return now == null || active.contains(device.token())
                    ? Optional.empty()
                    : Optional.of(drift(known, DriftKind.EXTRA, now));
        }
        if (now != null) {
            return now.matches(device) ? Optional.empty() : Optional.of(drift(known, DriftKind.DIFFERENT, now));
        }
        DeviceToken held = heldToken(known);
        if (held == null) {
            // It was never to be there: its type was not supported, say.
            return Optional.empty();
        }
        Holding former = told.get(held);
        return Optional.of(drift(known, former == null ? DriftKind.MISSING : DriftKind.DIFFERENT, former));
    }

    private static Drift drift(Known known, DriftKind kind, @Nullable Holding told) {
        return new Drift(known.device().id(), known.version(), kind, told);
    }

    private static @Nullable DeviceToken heldToken(Known known) {
        return known.holding() == null ? null : known.holding().token();
    }

    private static Holding holding(RemoteDevice remote, Device device, Masking masking) {
        return new Holding(
                masking.maskIfAny(remote.remoteId()),
                Objects.requireNonNullElse(remote.type(), device.type()),
                remote.token());
    }

    private static int strangers(CustomerLease lease, List<RemoteDevice> remote) {
        Set<DeviceToken> known =
                lease.devices().stream().flatMap(RepairSyncService::tokens).collect(Collectors.toSet());
        return (int) remote.stream()
                .map(RemoteDevice::token)
                .filter(token -> !known.contains(token))
                .count();
    }

    /** Under which a provider may have the device. */
    private static Stream<DeviceToken> tokens(Known known) {
        return Stream.of(known.device().token(), heldToken(known)).filter(Objects::nonNull);
    }

    private static int count(List<Drift> drifts, DriftKind kind) {
        return (int) drifts.stream().filter(drift -> drift.kind() == kind).count();
    }
}
