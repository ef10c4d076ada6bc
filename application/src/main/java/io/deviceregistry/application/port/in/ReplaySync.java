package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.port.out.SyncLedger.Unparked;
import io.deviceregistry.domain.Caller;
import org.jspecify.annotations.Nullable;

/** Tries again what was parked, when whatever was wrong is mended. */
public interface ReplaySync {

    /**
     * Makes some of the parked devices due at once, and tells where to go on: all of a million at once would be one
     * transaction of minutes. Repeating a call is safe.
     *
     * @param by who asks for it: the log names them once for each replay
     * @param after where the call before ended; null for the first one
     * @throws StoreUnavailableException if the store cannot be reached; nothing is due then that was not
     */
    Unparked replay(Caller by, ParkedSelection selection, ParkedQuery.@Nullable Position after);
}
