package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.LoadedRegistry.Loaded;
import io.deviceregistry.application.port.out.IdempotencyRecords.Kept;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.domain.Registry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A change that waits to be written together with others, and its caller, who waits for that. */
final class PendingChange<T extends @Nullable Object> {
    private final Writing writing;
    private final Footprint footprint;
    private final Function<Registry, T> change;
    private final Function<T, @Nullable String> toKeep;
    private final long since = System.nanoTime();
    private final AtomicBoolean taken = new AtomicBoolean();
    private final CompletableFuture<Boolean> written = new CompletableFuture<>();

    /** What became of it, if the transaction that it is in is committed. */
    private RegistryChanges.@Nullable Part applied;

    private @Nullable T result;
    private @Nullable Kept kept;
    private @Nullable RuntimeException failure;

    private PendingChange(
            Writing writing, Footprint footprint, Function<Registry, T> change, Function<T, @Nullable String> toKeep) {
        this.writing = writing;
        this.footprint = footprint;
        this.change = change;
        this.toKeep = toKeep;
    }

    static <T extends @Nullable Object> PendingChange<T> of(
            Writing writing, Footprint footprint, Function<Registry, T> change) {
        return new PendingChange<>(writing, footprint, change, _ -> null);
    }

    /** Of a request whose answer, which the change returns, is remembered in the footprint's record. */
    static PendingChange<String> once(Writing writing, Footprint footprint, Function<Registry, String> change) {
        return new PendingChange<>(writing, footprint, change, answer -> answer);
    }

    Writing writing() {
        return writing;
    }

    Footprint footprint() {
        return footprint;
    }

    /** @return whether it is the caller's to write from now on, and nobody else's; false if that was given up */
    boolean take() {
        return taken.compareAndSet(false, true);
    }

    /** Lets the change happen, unless its request was answered already. Nothing is said to whoever waits for it. */
    void apply(Loaded loaded) {
        try {
            if (loaded.kept() != null) {
                kept = loaded.kept().get();
                return;
            }
            Registry registry = loaded.registry().apply(writing.by());
            result = change.apply(registry);
            applied = new RegistryChanges.Part(registry, footprint, writing, toKeep.apply(result));
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /** What it made of a guess did not happen. A request that may have been answered is not guessed about. */
    void forget() {
        applied = null;
        result = null;
        failure = null;
    }

    /** What is to be stored of it; null if it did not happen, or failed. */
    RegistryChanges.@Nullable Part applied() {
        return applied;
    }

    /** The transaction is committed, so what became of the change in it is so. */
    void committed() {
        if (failure != null) {
            written.completeExceptionally(failure);
        } else {
            written.complete(applied != null || kept != null);
        }
    }

    void fail(RuntimeException e) {
        written.completeExceptionally(e);
    }

    /** It was not written, and is to be written alone. */
    void giveBack() {
        written.complete(false);
    }

    /** Whether it has waited for its turn for longer than this. */
    boolean hasWaited(Duration patience) {
        return System.nanoTime() - since > patience.toNanos();
    }

    /**
     * Waits until it is written, given back, or given up by whoever watches over what waits. Without a limit of its own,
     * for a timer for each change costs more than the wait; once its turn has come, the database's timeouts end it.
     *
     * @return whether it was written, or need not be
     * @throws StoreUnavailableException if its turn did not come in time, or it is not known whether it was written
     * @throws RuntimeException what the change threw
     */
    boolean await() {
        try {
            return written.get();
        } catch (InterruptedException e) {
            take();
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    /** What its request was answered already, so that it did not happen; null if nothing. */
    @Nullable Kept kept() {
        return kept;
    }

    /** What the change returned. */
    @SuppressWarnings("NullAway") // null if that is what the change returned
    T result() {
        return result;
    }
}
