package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.CreatesCustomers;
import io.deviceregistry.application.port.out.DeviceProvider;
import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.ListsDevices;
import io.deviceregistry.application.port.out.ListsDevices.Listing;
import io.deviceregistry.application.port.out.ListsDevices.RemoteDevice;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Breaker;
import io.deviceregistry.application.port.out.ProviderGate.Permit;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The work under one lease: what an earlier attempt left behind is asked, where that is in doubt; then each request is
 * sent when the gate lets it, and settled at once.
 */
final class LeasedRound {
    /** What cannot be sent within this time is given back, for whoever comes first when it can. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    /** What a lease must leave besides one call: for the claim itself and the wait for a permit. */
    static final Duration MARGIN = LONGEST_WAIT.plusSeconds(1);

    /**
     * What every round of an engine needs.
     *
     * @param health the provider's
     * @param stopping down when nothing more is to be sent
     */
    record Means(
            SyncLedger ledger,
            ProviderGate gate,
            SyncSettings settings,
            ProviderHealth health,
            RandomGenerator random,
            LongSupplier nanoTime,
            CountDownLatch stopping) {}

    /** One request that is to be sent, and the devices that wait for it. */
    private sealed interface Step {
        List<DeviceId> devices();

        record Tell(ProviderCall call) implements Step {
            @Override
            public List<DeviceId> devices() {
                return call.devices();
            }
        }

        /** Makes the customer known to the provider, which did not take these devices for want of it. */
        record Introduce(CreatesCustomers to, List<Device> waiting) implements Step {
            @Override
            public List<DeviceId> devices() {
                return waiting.stream().map(Device::id).toList();
            }
        }
    }

    private final DeviceProvider provider;
    private final SyncLease lease;
    private final SyncLedger ledger;
    private final ProviderGate gate;
    private final SyncSettings settings;
    private final ProviderHealth health;
    private final Verdicts verdicts;
    private final LongSupplier nanoTime;
    private final CountDownLatch stopping;
    private final Confirmations confirmations;
    private final long start;

    private final Map<DeviceId, SyncTask> tasks;
    private final Masking masking;
    private final Deque<Step> steps = new ArrayDeque<>();

    /** Whether requests failed lately, by the permit that was granted last. */
    private boolean troubled;

    private boolean introduced;
    private Round result = new Round.Worked();

    /**
     * @param confirmations takes what the provider confirmed, to be written while the next request is under way
     * @param start when the lease began, or a little earlier, by {@link Means#nanoTime}
     */
    LeasedRound(DeviceProvider provider, SyncLease lease, Means means, Confirmations confirmations, long start) {
        this.provider = provider;
        this.lease = lease;
        this.ledger = means.ledger();
        this.gate = means.gate();
        this.settings = means.settings();
        this.health = means.health();
        this.nanoTime = means.nanoTime();
        this.stopping = means.stopping();
        this.confirmations = confirmations;
        this.start = start;
        this.tasks = lease.tasks().stream()
                .collect(Collectors.toMap(task -> task.device().id(), Function.identity()));
        this.masking = Masking.ofTokensIn(lease);
        this.verdicts = new Verdicts(settings, health, means.random(), masking);
    }

    Round run() {
        Optional<List<SyncTask>> known = withoutDoubts();
        if (known.isPresent()) {
            SyncPlan plan = SyncPlan.of(lease.customer(), known.get(), provider);
            plan.calls().forEach(call -> steps.add(new Step.Tell(call)));
            settle(plan.settled());
            takeSteps();
        }
        return result;
    }

    private void takeSteps() {
        while (!steps.isEmpty()) {
            if (!permitted()) {
                release(steps.stream().flatMap(step -> step.devices().stream()).toList());
                return;
            }
            switch (steps.remove()) {
                case Step.Tell(ProviderCall call) -> tell(call);
                case Step.Introduce(CreatesCustomers to, List<Device> waiting) -> introduce(to, waiting);
            }
        }
    }

    /**
     * What is to be worked on, with what the provider holds by its own word where that was in doubt; empty if there was no
     * word to be had.
     */
    private Optional<List<SyncTask>> withoutDoubts() {
        if (lease.tasks().stream().noneMatch(SyncTask::uncertain)) {
            return Optional.of(lease.tasks());
        }
        if (!(provider instanceof ListsDevices lister)) {
            return Optional.of(worthARepetition());
        }
        if (!permitted()) {
            release(List.copyOf(tasks.keySet()));
            return Optional.empty();
        }
        Listing listing = listing(lister);
        reportQuestion(listing);
        return switch (listing) {
            // What is missing by the provider's own word can be sent again as often as it takes.
            case Listing.Complete(List<RemoteDevice> remote) ->
                Optional.of(lease.tasks().stream()
                        .map(task -> task.uncertain() ? task.knowing(found(task, remote)) : task)
                        .toList());
            case Listing.NotOffered _ -> Optional.of(worthARepetition());
            case Listing.Failed(Outcome.Failure failure) -> {
                if (isAskedInVain(failure)) {
                    yield Optional.of(worthARepetition());
                }
                settle(lease.tasks().stream()
                        .map(task -> settlement(
                                task.device().id(),
                                task.uncertain()
                                        ? verdicts.unanswered(task, failure)
                                        : new Settlement.Released(Duration.ZERO)))
                        .toList());
                yield Optional.empty();
            }
        };
    }

    /** A provider that takes things but keeps failing at this question is one that cannot be asked. */
    private boolean isAskedInVain(Outcome.Failure failure) {
        return switch (failure) {
            case Outcome.Rejected _, Outcome.CustomerUnknown _, Outcome.Unsupported _ -> true;
            case Outcome.Unconfirmed _, Outcome.Unexpected _ ->
                health.isWell()
                        && lease.tasks().stream()
                                .filter(SyncTask::uncertain)
                                .allMatch(task -> task.failures() >= settings.maxStrikes());
            case Outcome.Throttled _, Outcome.Unauthorized _, Outcome.NotApplied _ -> false;
        };
    }

    private Listing listing(ListsDevices lister) {
        try {
            return lister.devicesOf(lease.customer());
        } catch (RuntimeException e) {
            // The message may hold anything, so only the kind of failure is kept.
            return new Listing.Failed(new Outcome.Unconfirmed(e.getClass().getName()));
        }
    }

    /** A device at the provider: under its token of now, one that an attempt may have brought there, or the one it had. */
    private @Nullable Holding found(SyncTask task, List<RemoteDevice> remote) {
        Device device = task.device();
        List<DeviceToken> tokens = new ArrayList<>();
        tokens.add(device.token());
        tokens.addAll(task.formerTokens().reversed());
        if (task.holding() != null) {
            tokens.add(task.holding().token());
        }
        return tokens.stream()
                .flatMap(token -> remote.stream().filter(one -> one.token().equals(token)))
                .findFirst()
                .map(one -> new Holding(
                        masking.maskIfAny(one.remoteId()),
                        Objects.requireNonNullElse(one.type(), device.type()),
                        one.token()))
                .orElse(null);
    }

    /** Parks what would have to be sent again though that was done too often, and returns the others. */
    private List<SyncTask> worthARepetition() {
        List<SyncTask> hopeful = new ArrayList<>();
        List<Settlement> hopeless = new ArrayList<>();
        for (SyncTask task : lease.tasks()) {
            if (task.uncertain() && task.strikes() >= settings.maxStrikes() && needsACall(task)) {
                hopeless.add(settlement(task.device().id(), verdicts.unconfirmedTooOften(task)));
            } else {
                hopeful.add(task);
            }
        }
        settle(hopeless);
        return hopeful;
    }

    private boolean needsACall(SyncTask task) {
        return !SyncPlan.of(lease.customer(), List.of(task), provider).calls().isEmpty();
    }

    private boolean permitted() {
        if (isTooLate() || !waited(Duration.ZERO)) {
            return false;
        }
        return switch (gate.reserve(
                provider.id(), provider.requestsPerMinute(), Durations.shorter(left(), LONGEST_WAIT))) {
            case Permit.Closed(Duration retryIn) -> {
                result = new Round.Closed(retryIn);
                yield false;
            }
            case Permit.Granted(Duration in, boolean afterFailures) -> {
                troubled = afterFailures;
                // A process can be frozen while it waits.
                yield waited(in) && !isTooLate();
            }
        };
    }

    /** @return false if the process is to stop, or the thread was interrupted, as it is marked then */
    private boolean waited(Duration duration) {
        try {
            if (!stopping.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        result = new Round.Idle();
        return false;
    }

    /** Whether a request could overlap with the next holder of the lease, or with the question that would ask about it. */
    private boolean isTooLate() {
        boolean tooLate = left().isNegative();
        if (tooLate) {
            result = new Round.Idle();
        }
        return tooLate;
    }

    /** For how long from now a request may still begin. */
    private Duration left() {
        return settings.lease()
                .minus(Durations.longer(provider.callDeadline(), settings.settlingDelay()))
                .minusNanos(nanoTime.getAsLong() - start);
    }

    /** Gives back what was not sent. */
    private void release(List<DeviceId> devices) {
        Duration in = result instanceof Round.Closed(Duration retryIn) ? retryIn : Duration.ZERO;
        settle(devices.stream()
                .map(device -> settlement(device, new Settlement.Released(in)))
                .toList());
    }

    private void tell(ProviderCall call) {
        Map<DeviceId, Outcome> outcomes = apply(call);
        List<Settlement> settlements = new ArrayList<>();
        List<Device> strangers = new ArrayList<>();
        for (DeviceId device : call.devices()) {
            Outcome outcome =
                    outcomes.getOrDefault(device, new Outcome.Unconfirmed("The provider's adapter said nothing"));
            Optional<ProviderCall> instead = instead(call, device, outcome);
            if (instead.isPresent()) {
                steps.addLast(new Step.Tell(instead.get()));
            } else if (outcome instanceof Outcome.CustomerUnknown
                    && call instanceof ProviderCall.Create
                    && mayIntroduce()) {
                strangers.add(task(device).device());
            } else {
                settlements.add(settlement(device, verdicts.told(task(device), call, outcome)));
            }
        }
        settle(settlements);
        if (!strangers.isEmpty() && provider instanceof CreatesCustomers to) {
            introduced = true;
            steps.addFirst(new Step.Introduce(to, strangers));
        }
        report(outcomes.values());
    }

    private Map<DeviceId, Outcome> apply(ProviderCall call) {
        try {
            return provider.apply(call);
        } catch (RuntimeException e) {
            // The message may hold anything, so only the kind of failure is kept.
            Outcome unconfirmed = new Outcome.Unconfirmed(e.getClass().getName());
            return call.devices().stream().collect(Collectors.toMap(device -> device, _ -> unconfirmed));
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

    /** Once in a round: a provider that still does not know the customer then will not by a second time. */
    private boolean mayIntroduce() {
        return !introduced && provider instanceof CreatesCustomers creator && creator.isEnough(lease.profile());
    }

    private void introduce(CreatesCustomers to, List<Device> waiting) {
        Outcome outcome = introduced(to);
        switch (outcome) {
            case Outcome.Accepted _ ->
                steps.addFirst(new Step.Tell(new ProviderCall.Create(lease.customer(), waiting)));
            case Outcome.Failure failure ->
                settle(waiting.stream()
                        .map(device -> settlement(device.id(), verdicts.withoutCustomer(task(device.id()), failure)))
                        .toList());
        }
        report(Set.of(outcome));
    }

    private Outcome introduced(CreatesCustomers to) {
        try {
            return to.createCustomer(lease.customer(), lease.profile());
        } catch (RuntimeException e) {
            return new Outcome.Unconfirmed(e.getClass().getName());
        }
    }

    /**
     * Tells the gate what a question says of the provider. That it answers does not mean that it takes anything, so it is no
     * sign of health; but a probe must not end with it, or the request that follows would never be let through.
     */
    private void reportQuestion(Listing listing) {
        switch (listing) {
            case Listing.Complete _, Listing.NotOffered _ -> {
                health.count(true);
                recoveredIfTroubled();
            }
            case Listing.Failed(Outcome.Failure failure)
            when showsThatItWorks(failure) -> {
                health.count(true);
                recoveredIfTroubled();
            }
            case Listing.Failed(Outcome.Failure failure) -> report(Set.of(failure));
        }
    }

    /** Tells the gate what a request says of the provider. */
    private void report(Collection<Outcome> outcomes) {
        Set<Outcome> different = Set.copyOf(outcomes);
        health.count(different.stream().noneMatch(LeasedRound::wasNotTaken));
        if (different.stream().anyMatch(LeasedRound::showsThatItWorks)) {
            health.seenWell();
            recoveredIfTroubled();
        }
        GateReport.tell(
                gate,
                provider.id(),
                lease.customer(),
                new Breaker(settings.breakerThreshold(), settings.probeInterval()),
                different);
    }

    private static boolean showsThatItWorks(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Accepted _, Outcome.Rejected _, Outcome.CustomerUnknown _ -> true;
            case Outcome.Unsupported _,
                    Outcome.Throttled _,
                    Outcome.Unauthorized _,
                    Outcome.NotApplied _,
                    Outcome.Unconfirmed _,
                    Outcome.Unexpected _ -> false;
        };
    }

    private static boolean wasNotTaken(Outcome outcome) {
        return GateReport.mayBeAnOutage(outcome)
                || outcome instanceof Outcome.Throttled
                || outcome instanceof Outcome.Unauthorized;
    }

    private void recoveredIfTroubled() {
        if (troubled) {
            gate.recovered(provider.id());
            troubled = false;
        }
    }

    private void settle(List<Settlement> settlements) {
        if (settlements.isEmpty()) {
            return;
        }
        if (settlements.stream().allMatch(settlement -> settlement.verdict() instanceof Settlement.Synced)) {
            confirmations.write(lease, settlements);
        } else {
            ledger.settle(lease, settlements);
        }
    }

    private Settlement settlement(DeviceId device, Settlement.Verdict verdict) {
        return new Settlement(device, task(device).version(), verdict);
    }

    /** As it was leased. */
    private SyncTask task(DeviceId device) {
        return Objects.requireNonNull(tasks.get(device));
    }
}
