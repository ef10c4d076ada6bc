package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.ReadChanges;
import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.port.out.Changes;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reads the feed, and lets any number of callers wait for its next change: one of them at a time asks the store where the
 * feed ends, for all, and each reads on when that moved.
 */
public final class ReadChangesService implements ReadChanges {
    private static final long PACE = Duration.ofMillis(200).toNanos();

    private final ChangeFeed feed;
    private final Lock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();

    /** As it was told last, maybe long ago. */
    private volatile @Nullable ChangeCursor end;

    private long askedAt = System.nanoTime() - PACE;
    private boolean asking;
    private boolean stopped;

    public ReadChangesService(ChangeFeed feed) {
        this.feed = feed;
    }

    @Override
    public Changes changes(@Nullable ChangeCursor after, int limit, Duration wait) {
        long deadline = System.nanoTime() + wait.toNanos();
        while (true) {
            // Taken before the look, so that whatever comes after the look has moved it.
            ChangeCursor endBefore = end;
            Changes changes = feed.changes(after, limit);
            if (!changes.changes().isEmpty() || !awaitAnotherEnd(endBefore, deadline)) {
                return changes;
            }
        }
    }

    @Override
    public ChangeCursor end() {
        return feed.end();
    }

    /** From now on nobody waits, and those who do are answered. */
    public void stopWaiting() {
        lock.lock();
        try {
            stopped = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** @return false if there was none in time */
    private boolean awaitAnotherEnd(@Nullable ChangeCursor known, long deadline) {
        lock.lock();
        try {
            while (Objects.equals(end, known)) {
                long now = System.nanoTime();
                if (stopped || deadline - now <= 0) {
                    return false;
                }
                long untilTurn = asking ? PACE : PACE - (now - askedAt);
                if (untilTurn > 0) {
                    news.awaitNanos(Math.min(deadline - now, untilTurn));
                } else {
                    ask();
                }
            }
            return !stopped;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of the lock meanwhile: the store may take its time, and the others have deadlines. */
    private void ask() {
        asking = true;
        lock.unlock();
        ChangeCursor found = null;
        try {
            found = feed.end();
        } finally {
            lock.lock();
            asking = false;
            askedAt = System.nanoTime();
            if (found != null) {
                end = found;
                news.signalAll();
            }
        }
    }
}
