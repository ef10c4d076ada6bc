package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.ChangesGoneException;
import org.jspecify.annotations.Nullable;

/**
 * The changes of devices, in an order in which none is added before one that was told: who follows it from position to
 * position misses none and is told none twice. Which of two changes of one device is the later, its versions say; they are
 * in that order, unless one was made in a transaction with others that began before. A change appears when all that began
 * before it have ended, so mostly at once.
 *
 * <p>Every method may throw {@link StoreUnavailableException}.
 */
public interface ChangeFeed {

    /**
     * The changes that follow a position, as far as they are in.
     *
     * @param after null for a position before the oldest change that is kept
     * @throws ChangesGoneException if changes after the position were dropped for their age or lost by a restore, or if the
     *     position is none of this store
     */
    Changes changes(@Nullable ChangeCursor after, int limit);

    /** A position that every change follows which ends after the call; some that ended before may follow it too. */
    ChangeCursor end();
}
