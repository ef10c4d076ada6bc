package io.deviceregistry.application.port.out;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Follows what a request leads to, also where that is done later and by somebody else. Never a reason for a failure. */
public interface Traces {

    /**
     * What is being followed on this thread, to be kept as the {@link Writing#origin origin} of what it leads to; null if
     * nothing is. Some dozen characters of ASCII, which hold no secret.
     */
    @Nullable String current();

    /**
     * Works under a lease, on this thread, as something of its own that the {@link SyncTask#origin origins} of the lease's
     * tasks led to.
     *
     * @return what the work returns
     * @throws RuntimeException what the work throws
     */
    <T> T following(SyncLease lease, Supplier<T> work);
}
