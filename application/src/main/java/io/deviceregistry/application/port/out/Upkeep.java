package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceType;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What time makes superfluous. Each call is a short transaction that takes a limited number of rows; any number of
 * processes may call at once. Every method may throw {@link StoreUnavailableException}.
 */
public interface Upkeep {

    /**
     * Looks at the next devices of a walk over all of them, which all processes share and which begins anew when the
     * interval has passed since its last beginning.
     *
     * @param ages the types that grow stale, and when
     * @param window how many devices to look at
     */
    StaleDevices nextStaleDevices(Map<DeviceType, Duration> ages, Duration interval, int window);

    /** @param more whether the walk goes on at once */
    record StaleDevices(List<DeviceId> devices, boolean more) {}

    /**
     * Deletes devices that were removed this long ago and of which no provider is still to be told.
     *
     * @return how many; fewer than the limit if there are no more
     */
    int purgeRemovedDevices(Duration retention, int limit);

    /**
     * Deletes what is left of erased devices where a provider has settled, and completes erasures of which nothing is
     * left.
     *
     * @return how many of either; fewer than the limit if there are no more
     */
    int finishErasures(int limit);

    /**
     * Deletes remembered answers of this age.
     *
     * @return how many; fewer than the limit if there are no more
     */
    int forgetAnswers(Duration age, int limit);

    /**
     * Does a step of what the store does for its own sake, such as encrypting anew what an outgoing key encrypted.
     *
     * @param window how many devices to look at
     * @return how many rows were written
     */
    int maintain(int window);

    /** The keys that the store was ever encrypted with, the one that was used last first; none if it does not encrypt. */
    List<EncryptionKey> encryptionKeys();
}
