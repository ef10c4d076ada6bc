package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.LoadedRegistry.Loaded;
import io.deviceregistry.adapter.out.postgres.Transactions.OvertakenException;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes changes that arrive at the same time in one transaction, so that they share its round trips and its wait for the
 * disk. A change that arrives alone is written at once, and {@linkplain BlindWrites blindly} where that may do. None waits
 * for another one's locks, nor fails with it: one whose part of the registry somebody else has is given back, and so are
 * all that were in a transaction that failed, to be written alone.
 */
@ApplicationScoped
class GroupCommit {
    /** While one waits for the disk, the other one works. */
    static final int WRITERS = 2;

    /** Each takes a place in the database's table of locks until the transaction ends. */
    static final int MOST_LOCKS = 350;

    private static final int MOST_WAITING = 2_000;

    /** As long as one would wait for a connection. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Transactions transactions;
    private final TokenVault vault;
    private final DeviceIds ids;
    private final BlindWrites blindWrites;
    private final BlockingQueue<PendingChange<?>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final List<Thread> writers = new ArrayList<>();
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("group-commit-watch").factory());

    @Inject
    GroupCommit(Transactions transactions, TokenVault vault, DeviceIds ids) {
        this(transactions, vault, ids, BlindWrites.NEW_IN_A_ROW);
    }

    /** @param worthAGuess how many changes in a row must have found nothing for one to be written blindly */
    GroupCommit(Transactions transactions, TokenVault vault, DeviceIds ids, int worthAGuess) {
        this.transactions = transactions;
        this.vault = vault;
        this.ids = ids;
        this.blindWrites = new BlindWrites(transactions, vault, ids, worthAGuess);
    }

    @PostConstruct
    void start() {
        ScheduledFuture<?> _ = watch.scheduleWithFixedDelay(this::giveUpWhatWaitedTooLong, 1, 1, TimeUnit.SECONDS);
        for (int i = 1; i <= WRITERS; i++) {
            // Not virtual: it must not wait behind the requests that wait for it.
            writers.add(Thread.ofPlatform().daemon().name("group-commit-" + i).start(this::write));
        }
    }

    @PreDestroy
    void stop() {
        writers.forEach(Thread::interrupt);
        watch.shutdownNow();
    }

    /** Whether a change with this footprint can be written with others. */
    static boolean takes(Footprint footprint) {
        return footprint.isWhole() && footprint.locks() <= LockTable.LOCKS_OF_A_REQUEST;
    }

    /**
     * Waits until the change is durable, or is given back.
     *
     * @return whether it is durable, or its request was answered already; if not, nothing of it is
     * @throws StoreUnavailableException as {@link Transactions#run} does, and if too much waits already
     * @throws RuntimeException what the change threw
     */
    boolean write(PendingChange<?> change) {
        if (!waiting.offer(change)) {
            throw new StoreUnavailableException(new TimeoutException("Too much waits to be written"));
        }
        return change.await();
    }

    /** When the database answers neither writer. */
    private void giveUpWhatWaitedTooLong() {
        for (PendingChange<?> change : waiting) {
            if (change.hasWaited(PATIENCE) && change.take()) {
                waiting.remove(change);
                change.fail(new StoreUnavailableException(new TimeoutException("The turn to be written did not come")));
            }
        }
    }

    private void write() {
        while (true) {
            List<PendingChange<?>> taken = new ArrayList<>();
            try {
                writeTogether(next(taken));
            } catch (InterruptedException _) {
                // The process ends.
                return;
            } catch (RuntimeException | Error e) {
                // Of ours, or out of memory. Their callers would wait for ever, and so would all others without a
                // writer.
                taken.forEach(change -> change.fail(new IllegalStateException("Changes could not be written", e)));
            }
        }
    }

    /**
     * What has waited longest, and what may go with it.
     *
     * @param taken gets all that nobody else will look after, those included that are given back
     */
    private List<PendingChange<?>> next(List<PendingChange<?>> taken) throws InterruptedException {
        List<PendingChange<?>> together = new ArrayList<>();
        Set<Long> locks = new HashSet<>();
        PendingChange<?> change = waiting.take();
        while (change != null) {
            if (change.take()) {
                taken.add(change);
                if (goes(change, together, locks)) {
                    together.add(change);
                    change.footprint().addLocksTo(locks);
                } else {
                    change.giveBack();
                }
            }
            change = locks.size() + LockTable.LOCKS_OF_A_REQUEST <= MOST_LOCKS ? waiting.poll() : null;
        }
        return together;
    }

    private static boolean goes(PendingChange<?> change, List<PendingChange<?>> together, Set<Long> locks) {
        return together.isEmpty()
                || (change.footprint().isLike(together.getFirst().footprint())
                        && change.writing()
                                .providers()
                                .equals(together.getFirst().writing().providers())
                        && !change.footprint().needsAnyOf(locks));
    }

    private void writeTogether(List<PendingChange<?>> changes) {
        if (changes.isEmpty()) {
            return;
        }
        try {
            if (changes.size() == 1 && blindWrites.write(changes.getFirst())) {
                changes.getFirst().committed();
                return;
            }
            transactions.run(connection -> {
                List<Optional<Loaded>> loaded;
                try {
                    loaded = LoadedRegistry.tryLoad(
                            connection,
                            changes.stream().map(PendingChange::footprint).toList(),
                            vault,
                            ids);
                } catch (OvertakenException _) {
                    // None of them can be found by its hashes any more: all are given back, to be made others.
                    return null;
                }
                loaded.stream()
                        .flatMap(Optional::stream)
                        .findFirst()
                        .ifPresent(one -> blindWrites.readClock(one.now()));
                List<RegistryChanges.Part> parts = new ArrayList<>();
                for (int i = 0; i < changes.size(); i++) {
                    PendingChange<?> change = changes.get(i);
                    loaded.get(i).ifPresent(change::apply);
                    if (change.applied() != null) {
                        parts.add(change.applied());
                    }
                }
                RegistryChanges.storeAndCommit(connection, parts, vault);
                blindWrites.saw(parts);
                return null;
            });
        } catch (RuntimeException | Error e) {
            changes.forEach(change -> undone(change, e));
            return;
        }
        changes.forEach(PendingChange::committed);
    }

    private static void undone(PendingChange<?> change, Throwable e) {
        if (e instanceof StoreUnavailableException unavailable && !Transactions.gaveWay(unavailable)) {
            change.fail(unavailable);
        } else {
            change.giveBack();
        }
    }
}
