package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.Settlement.Verdict;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What the sync engine does with the ledger, without an engine or a provider. */
final class Syncing {
    /** So long that no lease ends and no later attempt becomes due during a test. */
    static final Duration LONG = Duration.ofHours(1);

    private static final int MOST_ROUNDS = 1_000;

    private Syncing() {}

    /** Whoever of several customers comes first is not determined, so all are leased before anything is settled. */
    static List<SyncTask> leaseAll(Actor actor, ProviderId provider) {
        List<SyncTask> tasks = new ArrayList<>();
        for (Optional<SyncLease> lease = lease(actor.useCases, provider);
                lease.isPresent();
                lease = lease(actor.useCases, provider)) {
            for (SyncTask task : lease.get().tasks()) {
                tasks.add(task);
                actor.leased.add(new Actor.Leased(lease.get(), task));
            }
        }
        tasks.sort(Comparator.comparing(task -> task.device().id()));
        return tasks;
    }

    /** Until the providers were told of everything, and nothing is left to be cleaned up. */
    static void settleAll(UseCases useCases, Instant begin) {
        boolean more;
        do {
            more = !tellAll(new Actor(useCases, begin)).isEmpty();
            more |= useCases.house().step();
        } while (more);
    }

    /** Some succeed, some fail in one way or another, some stay leased. */
    static void settle(Actor actor, long chance) {
        RandomGenerator random = new SplittableRandom(chance);
        actor.leased.sort(
                Comparator.comparing((Actor.Leased one) -> one.task().device().id())
                        .thenComparing(one -> one.lease().provider().value()));
        for (Iterator<Actor.Leased> all = actor.leased.iterator(); all.hasNext(); ) {
            Actor.Leased one = all.next();
            if (random.nextInt(8) > 0) {
                settle(actor, one, verdict(one.task(), random));
                all.remove();
            }
        }
    }

    static void settle(Actor actor, Actor.Leased one, Verdict verdict) {
        actor.useCases
                .ledger()
                .settle(
                        one.lease(),
                        List.of(new Settlement(
                                one.task().device().id(), one.task().version(), verdict)));
    }

    static Verdict synced(SyncTask task) {
        Device device = task.device();
        return new Settlement.Synced(device.isActive() ? new Holding("remote", device.type(), device.token()) : null);
    }

    /**
     * Tells the providers everything, until there is nothing left to tell.
     *
     * @throws AssertionError if it does not come to an end
     */
    static List<SyncTask> tellAll(Actor actor) {
        List<SyncTask> told = new ArrayList<>();
        for (ProviderId provider : actor.useCases.providers()) {
            List<SyncTask> tasks;
            int rounds = 0;
            do {
                if (++rounds > MOST_ROUNDS) {
                    throw new AssertionError("There is always something to tell");
                }
                tasks = leaseAll(actor, provider);
                actor.leased.forEach(one -> settle(actor, one, synced(one.task())));
                actor.leased.clear();
                told.addAll(tasks);
            } while (!tasks.isEmpty());
        }
        return told;
    }

    /** Tells one provider of one customer, mostly with success. */
    static void tellOne(UseCases useCases, ProviderId provider, RandomGenerator random) {
        lease(useCases, provider).ifPresent(lease -> {
            List<Settlement> settlements = new ArrayList<>();
            for (SyncTask task : lease.tasks()) {
                Verdict verdict = switch (random.nextInt(8)) {
                    case 0 ->
                        new Settlement.Retry(Duration.ZERO, Settlement.Doubt.NEW, false, SyncReason.UNCONFIRMED, "?");
                    case 1 -> new Settlement.Released(Duration.ZERO);
                    default -> synced(task);
                };
                settlements.add(new Settlement(task.device().id(), task.version(), verdict));
            }
            useCases.ledger().settle(lease, settlements);
        });
    }

    private static Optional<SyncLease> lease(UseCases useCases, ProviderId provider) {
        return useCases.ledger().lease(provider, SyncLane.FRESH, LONG, 1).stream()
                .findFirst()
                .or(() -> useCases.ledger().lease(provider, SyncLane.BACKLOG, LONG, 1).stream()
                        .findFirst());
    }

    private static Verdict verdict(SyncTask task, RandomGenerator random) {
        Duration in = random.nextBoolean() ? Duration.ZERO : LONG;
        Settlement.Doubt old = task.uncertain() ? Settlement.Doubt.OLD : Settlement.Doubt.NONE;
        return switch (random.nextInt(12)) {
            case 0 -> new Settlement.Retry(in, Settlement.Doubt.NEW, random.nextBoolean(), SyncReason.UNCONFIRMED, "?");
            case 1 -> new Settlement.Retry(in, old, random.nextBoolean(), SyncReason.UNREACHABLE, "refused");
            case 2 -> new Settlement.Parked(in.isZero() ? null : in, old, SyncReason.REJECTED, "no");
            case 5, 6 -> new Settlement.Parked(LONG, old, SyncReason.CUSTOMER_UNKNOWN, "who?");
            case 3 -> new Settlement.Unsupported(SyncReason.TYPE_NOT_SUPPORTED, "what?");
            case 4 -> new Settlement.Released(in);
            default -> synced(task);
        };
    }
}
