package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.port.out.Changes;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.ChangesGoneException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Follows the changes of devices, with the promises of {@link ChangeFeed}. Every method throws {@link
 * StoreUnavailableException} if the store cannot be reached.
 */
public interface ReadChanges {

    /**
     * The changes that follow a position. If there are none, it waits for the first one; no connection to the store is
     * held meanwhile.
     *
     * @param after null for a position before the oldest change that is kept
     * @param wait the longest to wait, after which the answer is empty; less if the process is about to end
     * @throws ChangesGoneException if changes after the position are gone
     */
    Changes changes(@Nullable ChangeCursor after, int limit, Duration wait);

    /** A position that every change follows which ends after the call. */
    ChangeCursor end();
}
