package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.InspectSync;
import io.deviceregistry.application.port.in.PauseSync;
import io.deviceregistry.application.port.in.ReplaySync;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Traffic;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncLedger.Unparked;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.UnknownDeviceException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What people who run the registry see of the sync, and can do about it. */
public final class SyncOperations implements InspectSync, ReplaySync, PauseSync {
    private static final Logger LOG = System.getLogger(SyncOperations.class.getName());

    /** Rows that a step makes due: few enough to be locked for milliseconds. */
    private static final int STEP = 1_000;

    /** Of pending devices the oldest is this old before the requests of a minute tell how fast it goes. */
    private static final Duration SETTLED_IN = Duration.ofMinutes(2);

    private final List<DeviceProvider> providers;
    private final SyncLedger ledger;
    private final SyncRepair repair;
    private final ProviderGate gate;
    private final Runnable wakeSync;

    /** @param wakeSync called after something was made due; must not block */
    public SyncOperations(
            Collection<DeviceProvider> providers,
            SyncLedger ledger,
            SyncRepair repair,
            ProviderGate gate,
            Runnable wakeSync) {
        this.providers = providers.stream()
                .sorted(Comparator.comparing(provider -> provider.id().value()))
                .toList();
        this.ledger = ledger;
        this.repair = repair;
        this.gate = gate;
        this.wakeSync = wakeSync;
    }

    @Override
    public List<ProviderSync> ofDevice(CustomerId customer, DeviceId device) {
        return ledger.standing(customer, device).orElseThrow(() -> new UnknownDeviceException(device));
    }

    @Override
    public List<Standing> standing() {
        return providers.stream().map(provider -> standing(provider.id())).toList();
    }

    private Standing standing(ProviderId provider) {
        return new Standing(
                provider, ledger.totals(provider), gate.pauseOf(provider).orElse(null), repair.drift(provider));
    }

    @Override
    public List<Overview> overview() {
        return providers.stream().map(this::overview).toList();
    }

    private Overview overview(DeviceProvider provider) {
        Standing standing = standing(provider.id());
        List<Traffic> traffic = gate.traffic(provider.id());
        return new Overview(
                standing, ledger.countSynced(provider.id()), traffic, backlogLeft(provider, standing, traffic));
    }

    private @Nullable Duration backlogLeft(DeviceProvider provider, Standing standing, List<Traffic> traffic) {
        if (standing.pause() != null || !standing.totals().pending().containsKey(SyncLane.BACKLOG)) {
            return null;
        }
        long perMinute = perMinute(provider, standing.totals().oldestPending(), traffic);
        if (perMinute == 0) {
            return null;
        }
        long pending = standing.totals().pending().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        double ofEach = ledger.requestsPerDevice(provider.id(), provider.maxDevicesPerCall());
        return Duration.ofMinutes(1).multipliedBy(Math.round(pending * ofEach)).dividedBy(perMinute);
    }

    /** The best of the last minutes, since the present one is not over; the limit, before there was one. */
    private static long perMinute(DeviceProvider provider, @Nullable Duration oldestPending, List<Traffic> traffic) {
        int limit = provider.requestsPerMinute();
        boolean settledIn = oldestPending != null && oldestPending.compareTo(SETTLED_IN) >= 0;
        return limit > 0 && !settledIn
                ? limit
                : traffic.stream()
                        .mapToLong(minute -> minute.sent() - minute.failed())
                        .max()
                        .orElse(0);
    }

    @Override
    public Page<ParkedSync, ParkedQuery.Position> parked(ParkedQuery query) {
        return ledger.parked(query);
    }

    @Override
    public Unparked replay(Caller by, ParkedSelection selection, ParkedQuery.@Nullable Position after) {
        SyncLane lane = selection.customer() == null && selection.device() == null ? SyncLane.BACKLOG : SyncLane.FRESH;
        Unparked step = ledger.unpark(selection, lane, after, STEP);
        if (after == null) {
            ProviderId provider = selection.provider();
            LOG.log(
                    Level.INFO,
                    "{0} has parked devices of {1} tried again",
                    by,
                    provider == null ? "every provider" : provider);
        }
        if (step.number() > 0) {
            wakeSync.run();
        }
        return step;
    }

    @Override
    public ProviderId provider(String name) {
        return providers.stream()
                .map(DeviceProvider::id)
                .filter(provider -> provider.value().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidValueException("must be one of "
                        + providers.stream()
                                .map(provider -> provider.id().value())
                                .collect(Collectors.joining(", "))));
    }

    @Override
    public void pause(Caller by, ProviderId provider) {
        gate.suspend(by, provider);
        LOG.log(Level.INFO, "{0} has paused {1}", by, provider);
    }

    @Override
    public void resume(Caller by, ProviderId provider) {
        gate.resume(provider);
        LOG.log(Level.INFO, "{0} has resumed {1}", by, provider);
        wakeSync.run();
    }
}
