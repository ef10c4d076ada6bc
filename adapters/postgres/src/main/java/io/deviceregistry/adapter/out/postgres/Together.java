package io.deviceregistry.adapter.out.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
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
    private final ReentrantLock turn = new ReentrantLock();

    /** @param work done for all or for none, if it throws */
    Together(Consumer<List<T>> work) {
        this.work = work;
    }

    private static final class Wish<T> {
        private final List<T> items;

        /** All guarded by the turn. */
        private boolean taken;

        private boolean done;

        private @Nullable RuntimeException failure;

        Wish(List<T> items) {
            this.items = items;
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
        turn.lock();
        try {
            while (!wish.taken) {
                takeTurn();
            }
        } finally {
            turn.unlock();
        }
        if (wish.failure != null) {
            throw wish.failure;
        }
        if (!wish.done) {
            work.accept(items);
        }
    }

    private void takeTurn() {
        List<Wish<T>> wishes = new ArrayList<>();
        List<T> items = new ArrayList<>();
        for (Wish<T> wish = waiting.poll(); wish != null; wish = items.size() < MOST ? waiting.poll() : null) {
            wish.taken = true;
            wishes.add(wish);
            items.addAll(wish.items);
        }
        try {
            work.accept(items);
            wishes.forEach(wish -> wish.done = true);
        } catch (RuntimeException e) {
            if (wishes.size() == 1) {
                wishes.getFirst().failure = e;
            }
        }
    }
}
