package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.SyncDevices;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Permit;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings providers to the registry's state: claim, call, settle.
 *
 * <p>What is sent is the difference between two states, never a queued event, so a round that is repeated, or skipped
 * because the state came back, does no harm. Between claim and settle no transaction is open. A crash in between leaves
 * a lease that runs out; the ledger counts it as an attempt whose outcome is unknown, and the work is due again.
 */
public final class SyncEngine implements SyncDevices {
    /** What cannot be sent within this time is given back, for whoever comes first when it can. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    /** What a lease must leave besides one call: for the claim itself and the wait for a permit. */
    private static final Duration LEASE_MARGIN = LONGEST_WAIT.plusSeconds(1);

    private final Map<ProviderId, DeviceProvider> providers;
    private final SyncLedger ledger;
    private final ProviderGate gate;
    private final SyncSettings settings;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;

    /**
     * @param random safe for many threads
     * @throws IllegalArgumentException if a lease does not last for a call to each provider and some seconds more
     */
    public SyncEngine(
            Collection<DeviceProvider> providers,
            SyncLedger ledger,
            ProviderGate gate,
            SyncSettings settings,
            RandomGenerator random) {
        this(providers, ledger, gate, settings, random, System::nanoTime);
    }

    /** @param nanoTime as {@link System#nanoTime}: measures what is left of a lease, whatever the wall clock does */
    SyncEngine(
            Collection<DeviceProvider> providers,
            SyncLedger ledger,
            ProviderGate gate,
            SyncSettings settings,
            RandomGenerator random,
            LongSupplier nanoTime) {
        this.providers = providers.stream().collect(Collectors.toMap(DeviceProvider::id, Function.identity()));
        this.ledger = ledger;
        this.gate = gate;
        this.settings = settings;
        this.random = random;
        this.nanoTime = nanoTime;
        for (DeviceProvider provider : providers) {
            if (provider.callDeadline().plus(LEASE_MARGIN).compareTo(settings.lease()) > 0) {
                throw new IllegalArgumentException("registry.sync.lease (" + settings.lease()
                        + ") must be " + LEASE_MARGIN + " longer than a call to " + provider.id() + " may take ("
                        + provider.callDeadline() + ")");
            }
        }
    }

    @Override
    public Round syncNext(ProviderId id) {
        DeviceProvider provider = Optional.ofNullable(providers.get(id))
                .orElseThrow(() -> new IllegalArgumentException("No provider " + id));
        // Taken before the claim: the store's clock starts the lease later than this, never earlier.
        long start = nanoTime.getAsLong();
        return ledger.lease(id, settings.lease())
                .map(lease -> new LeasedRound(provider, lease, start).run())
                .orElseGet(Round.Idle::new);
    }

    /** The work under one lease. */
    private final class LeasedRound {
        private final DeviceProvider provider;
        private final SyncLease lease;
        private final Map<DeviceId, SyncTask> tasks;
        private final Masking masking;
        private final long start;
        private final Deque<ProviderCall> calls = new ArrayDeque<>();

        LeasedRound(DeviceProvider provider, SyncLease lease, long start) {
            this.provider = provider;
            this.lease = lease;
            this.start = start;
            this.tasks = lease.tasks().stream()
                    .collect(Collectors.toMap(task -> task.device().id(), Function.identity()));
            this.masking = Masking.ofTokensIn(lease);
        }

        Round run() {
            SyncPlan plan = SyncPlan.of(lease, provider);
            calls.addAll(plan.calls());
            settle(plan.settled());
            while (!calls.isEmpty()) {
                Duration patience = settings.lease()
                        .minusNanos(nanoTime.getAsLong() - start)
                        .minus(provider.callDeadline());
                if (patience.isNegative()) {
                    // The rest could overlap with the next holder of the lease.
                    release(Duration.ZERO);
                    return new Round.Idle();
                }
                switch (gate.reserve(provider.id(), provider.requestsPerMinute(), shorter(patience, LONGEST_WAIT))) {
                    case Permit.Closed(Duration retryIn) -> {
                        release(retryIn);
                        return new Round.Closed(retryIn);
                    }
                    case Permit.Granted(Duration in) -> {
                        if (!waited(in)) {
                            release(Duration.ZERO);
                            return new Round.Idle();
                        }
                        send(calls.remove());
                    }
                }
            }
            return new Round.Worked();
        }

        private void send(ProviderCall call) {
            Map<DeviceId, Outcome> outcomes = apply(call);
            List<Settlement> settlements = new ArrayList<>();
            for (DeviceId device : call.devices()) {
                Outcome outcome =
                        outcomes.getOrDefault(device, new Outcome.Unconfirmed("The provider's adapter said nothing"));
                Optional<ProviderCall> instead = instead(call, device, outcome);
                if (instead.isPresent()) {
                    calls.addLast(instead.get());
                } else {
                    settlements.add(settlement(device, verdict(call, device, outcome)));
                }
            }
            settle(settlements);
            closeGateIfAsked(outcomes.values());
        }

        private Map<DeviceId, Outcome> apply(ProviderCall call) {
            try {
                return provider.apply(call);
            } catch (RuntimeException e) {
                // The message may hold anything, so only the kind of failure is kept.
                Outcome unconfirmed = new Outcome.Unconfirmed(e.getClass().getName());
                return call.devices().stream().collect(Collectors.toMap(device -> device, device -> unconfirmed));
            }
        }

        /** Another call that may still do what this one could not. */
        private Optional<ProviderCall> instead(ProviderCall call, DeviceId id, Outcome outcome) {
            return switch (call) {
                case ProviderCall.Create create
                when outcome instanceof Outcome.Rejected && create.added().size() > 1 ->
                    // Refused together: which of them is at fault shows only one by one.
                    Optional.of(new ProviderCall.Create(create.customer(), List.of(task(id).device())));
                case ProviderCall.Update update
                when outcome instanceof Outcome.CustomerUnknown ->
                    // The provider lost the device, or the customer with it: a creation tells which.
                    Optional.of(new ProviderCall.Create(update.customer(), List.of(update.device())));
                default -> Optional.empty();
            };
        }

        private Settlement.Verdict verdict(ProviderCall call, DeviceId id, Outcome outcome) {
            return switch (outcome) {
                case Outcome.Accepted(var remoteId) ->
                    new Settlement.Synced(holding(call, id, remoteId == null ? null : masking.mask(remoteId)));
                case Outcome.CustomerUnknown _ when call instanceof ProviderCall.Retire -> new Settlement.Synced(null);
                case Outcome.CustomerUnknown(String words) ->
                    new Settlement.Parked(
                            settings.unknownCustomerRetry(), SyncReason.CUSTOMER_UNKNOWN, masking.mask(words));
                case Outcome.Rejected(String words) ->
                    new Settlement.Parked(null, SyncReason.REJECTED, masking.mask(words));
                case Outcome.Unsupported(String words) ->
                    new Settlement.Unsupported(
                            call instanceof ProviderCall.Retire
                                    ? SyncReason.RETIRE_NOT_SUPPORTED
                                    : SyncReason.TYPE_NOT_SUPPORTED,
                            masking.mask(words));
                case Outcome.Throttled(Duration retryAfter, String words) ->
                    new Settlement.Retry(retryAfter, false, SyncReason.THROTTLED, masking.mask(words));
                case Outcome.Unauthorized(String words) ->
                    new Settlement.Retry(
                            settings.unauthorizedPause(), false, SyncReason.UNAUTHORIZED, masking.mask(words));
                case Outcome.NotApplied(String words) ->
                    new Settlement.Retry(backoff(id), false, SyncReason.UNREACHABLE, masking.mask(words));
                case Outcome.Unconfirmed(String words) ->
                    new Settlement.Retry(
                            longer(settings.settlingDelay(), backoff(id)),
                            true,
                            SyncReason.UNCONFIRMED,
                            masking.mask(words));
            };
        }

        /** What the provider holds after it accepted. */
        private @Nullable Holding holding(ProviderCall call, DeviceId id, @Nullable String remoteId) {
            Device device = task(id).device();
            return switch (call) {
                case ProviderCall.Create _ -> new Holding(remoteId, device.type(), device.token());
                case ProviderCall.Update(Device _, Holding held) ->
                    new Holding(remoteId == null ? held.remoteId() : remoteId, device.type(), device.token());
                case ProviderCall.Retire _ -> null;
            };
        }

        private Duration backoff(DeviceId id) {
            Duration ceiling = settings.backoffCeiling(task(id).failures());
            return Duration.ofMillis(random.nextLong(ceiling.toMillis() + 1));
        }

        private void closeGateIfAsked(Collection<Outcome> outcomes) {
            for (Outcome outcome : Set.copyOf(outcomes)) {
                switch (outcome) {
                    case Outcome.Throttled(Duration retryAfter, String _) ->
                        gate.pause(provider.id(), retryAfter, SyncReason.THROTTLED);
                    case Outcome.Unauthorized _ ->
                        gate.pause(provider.id(), settings.unauthorizedPause(), SyncReason.UNAUTHORIZED);
                    default -> {}
                }
            }
        }

        /** Gives back what was not sent. */
        private void release(Duration in) {
            settle(calls.stream()
                    .flatMap(call -> call.devices().stream())
                    .map(device -> settlement(device, new Settlement.Released(in)))
                    .toList());
        }

        private void settle(List<Settlement> settlements) {
            if (!settlements.isEmpty()) {
                ledger.settle(lease, settlements);
            }
        }

        private Settlement settlement(DeviceId device, Settlement.Verdict verdict) {
            return new Settlement(device, task(device).version(), verdict);
        }

        private SyncTask task(DeviceId device) {
            return Objects.requireNonNull(tasks.get(device));
        }
    }

    private static boolean waited(Duration duration) {
        try {
            Thread.sleep(duration);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
