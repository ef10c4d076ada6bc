package io.deviceregistry.application.service;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.application.port.in.SyncDevices;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Pause;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.Traces;
import io.deviceregistry.domain.ProviderId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Brings providers to the registry's state: claim, call, settle.
 *
 * <p>What is sent is the difference between two states, never a queued event, so a round that is repeated, or skipped
 * because the state came back, does no harm. Between claim and settle no transaction is open. A crash in between leaves
 * a lease that runs out; the ledger counts it as an attempt whose outcome is unknown, and the work is due again.
 *
 * <p>What an attempt of unknown outcome left behind is asked of the provider before anything is sent again, where it can
 * be asked. Where it cannot, the attempt is repeated some times and then parked.
 */
public final class SyncEngine implements SyncDevices {
    /** One round in so many begins with the backlog, so that it moves however much is registered. */
    private static final int BACKLOG_SHARE = 5;

    /** A pause that only a person ends is looked at again after this. */
    private static final Duration SUSPENSION_CHECK = Duration.ofSeconds(5);

    private final Map<ProviderId, DeviceProvider> providers;
    private final SyncLedger ledger;
    private final ProviderGate gate;
    private final SyncSettings settings;
    private final LongSupplier nanoTime;
    private final Traces traces;
    private final Map<ProviderId, LeasedRound.Means> means;
    private final Map<ProviderId, ClaimSize> claimSizes;
    private final AtomicInteger rounds = new AtomicInteger();
    private final CountDownLatch stopping = new CountDownLatch(1);

    /**
     * @param random safe for many threads
     * @throws IllegalArgumentException if a lease does not last for a call to each provider and what may follow it
     */
    public SyncEngine(
            Collection<DeviceProvider> providers,
            SyncLedger ledger,
            ProviderGate gate,
            SyncSettings settings,
            RandomGenerator random,
            Traces traces) {
        this(providers, ledger, gate, settings, random, traces, System::nanoTime);
    }

    /** @param nanoTime as {@link System#nanoTime}: measures what is left of a lease, whatever the wall clock does */
    SyncEngine(
            Collection<DeviceProvider> providers,
            SyncLedger ledger,
            ProviderGate gate,
            SyncSettings settings,
            RandomGenerator random,
            Traces traces,
            LongSupplier nanoTime) {
        this.providers = providers.stream().collect(Collectors.toMap(DeviceProvider::id, Function.identity()));
        this.ledger = ledger;
        this.gate = gate;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.traces = traces;
        this.means = providers.stream()
                .collect(Collectors.toMap(
                        DeviceProvider::id,
                        _ -> new LeasedRound.Means(
                                ledger, gate, settings, new ProviderHealth(nanoTime), random, nanoTime, stopping)));
        this.claimSizes = providers.stream().collect(Collectors.toMap(DeviceProvider::id, _ -> new ClaimSize()));
        for (DeviceProvider provider : providers) {
            requireLeaseFor(provider);
        }
    }

    private void requireLeaseFor(DeviceProvider provider) {
        // After a crash the end of the lease is all that is waited for, and the last call may have begun just before.
        Duration margin = Durations.longer(settings.settlingDelay(), LeasedRound.MARGIN);
        if (provider.callDeadline().plus(margin).compareTo(settings.lease()) > 0) {
            throw new IllegalArgumentException("registry.sync.lease (" + settings.lease() + ") must be " + margin
                    + " longer than a call to " + provider.id() + " may take (" + provider.callDeadline() + ")");
        }
    }

    @Override
    public Round syncNext(ProviderId id) {
        DeviceProvider provider = Optional.ofNullable(providers.get(id))
                .orElseThrow(() -> new IllegalArgumentException("No provider " + id));
        if (stopping.getCount() == 0) {
            return new Round.Idle();
        }
        means(id).health().tell(gate, id);
        Optional<Pause> pause = gate.pauseOf(id);
        if (pause.isPresent()) {
            return new Round.Closed(Objects.requireNonNullElse(pause.get().remaining(), SUSPENSION_CHECK));
        }
        boolean backlogFirst = Math.floorMod(rounds.incrementAndGet(), BACKLOG_SHARE) == 0;
        return round(provider, backlogFirst ? SyncLane.BACKLOG : SyncLane.FRESH)
                .or(() -> round(provider, backlogFirst ? SyncLane.FRESH : SyncLane.BACKLOG))
                .orElseGet(Round.Idle::new);
    }

    @Override
    public void stop() {
        stopping.countDown();
    }

    private Optional<Round> round(DeviceProvider provider, SyncLane lane) {
        ClaimSize claimSize = claimSize(provider.id());
        // Taken before the claim: the store's clock starts the leases later than this, never earlier.
        long start = nanoTime.getAsLong();
        List<SyncLease> leases = ledger.lease(provider.id(), lane, settings.lease(), claimSize.next());
        if (leases.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(workOn(leases, provider, start));
        } finally {
            claimSize.took(leases.size(), nanoTime.getAsLong() - start);
        }
    }

    /** One after the other, also where one fails: or the others would wait for the ends of their leases. */
    private Round workOn(List<SyncLease> leases, DeviceProvider provider, long start) {
        Round result = new Round.Worked();
        Confirmations confirmations = new Confirmations(ledger);
        List<RuntimeException> failures = new ArrayList<>();
        for (SyncLease lease : leases) {
            try {
                LeasedRound leased = new LeasedRound(provider, lease, means(provider.id()), confirmations, start);
                Round round = traces.following(lease, leased::run);
                result = round instanceof Round.Worked ? result : round;
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        failures.addAll(confirmations.await());
        if (!failures.isEmpty()) {
            RuntimeException first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
        return result;
    }

    private ClaimSize claimSize(ProviderId provider) {
        return requireNonNull(claimSizes.get(provider));
    }

    private LeasedRound.Means means(ProviderId provider) {
        return requireNonNull(means.get(provider));
    }
}
