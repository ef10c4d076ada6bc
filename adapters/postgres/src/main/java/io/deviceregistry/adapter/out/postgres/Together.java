package io.deviceregistry.adapter.out.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does at once what several threads want done at the same time: whoever comes first does its own, and whoever comes next
 * does for all who came meanwhile. None waits for others to come.
 */
final class Together<T> {
    /** So that nobody waits long for what others want. */
    private static final int MOST = 64;

    private final Consumer<List<T>> work;
    private final Queue<Wish<T>> waiting = new ConcurrentLinkedQueue<>();
    private final Semaphore turns;

    /**
     * @param atOnce threads that may be at work
     * @param work done for all or for none, if it throws; what it does is seen by whoever wanted it
     */
    Together(int atOnce, Consumer<List<T>> work) {
        this.turns = new Semaphore(atOnce);
        this.work = work;
    }

    private static final class Wish<T> {
        private final List<T> items;

        /** A turn is free, or the wish was taken and is settled. */
        private final Semaphore news = new Semaphore(0);

        private volatile boolean settled;

        private boolean done;

        private @Nullable RuntimeException failure;

        Wish(List<T> items) {
            this.items = items;
        }

        void settle() {
            settled = true;
            news.release();
        }
    }

    /**
     * Returns when it is done. What failed together is tried again for each alone, so that none fails for another one's
     * reason.
     *
     * @throws RuntimeException what the work threw; it is not done then
     */
    void run(List<T> items) {
        Wish<T> wish = new Wish<>(items);
        waiting.add(wish);
        while (!wish.settled) {
            if (turns.tryAcquire()) {
                takeTurn();
            } else {
                wish.news.acquireUninterruptibly();
            }
        }
        if (wish.failure != null) {
            throw wish.failure;
        }
        if (!wish.done) {
            work.accept(items);
        }
    }

    private void takeTurn() {
        try {
            workFor(taken());
        } finally {
            turns.release();
            // Whoever came before found no turn; whoever comes from now on finds this one.
            Wish<T> next = waiting.peek();
            if (next != null) {
                next.news.release();
            }
        }
    }

    /** Those that wait longest; none, if others took them all. */
    private List<Wish<T>> taken() {
        List<Wish<T>> wishes = new ArrayList<>();
        int items = 0;
        for (Wish<T> wish = waiting.poll(); wish != null; wish = items < MOST ? waiting.poll() : null) {
            wishes.add(wish);
            items += wish.items.size();
        }
        return wishes;
    }

    private void workFor(List<Wish<T>> wishes) {
        if (wishes.isEmpty()) {
            return;
        }
        try {
            work.accept(wishes.stream().flatMap(wish -> wish.items.stream()).toList());
            wishes.forEach(wish -> wish.done = true);
        } catch (RuntimeException e) {
            if (wishes.size() == 1) {
                wishes.getFirst().failure = e;
            }
        } finally {
            wishes.forEach(Wish::settle);
        }
    }
}
