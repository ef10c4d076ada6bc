package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.SyncReason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one leased device.
 *
 * @param version the version that was worked on: see {@link SyncTask#version}
 */
public record Settlement(DeviceId device, long version, Verdict verdict) {

    public sealed interface Verdict {}

    /**
     * The provider is where the registry was.
     *
     * @param holding what the provider now holds; null if nothing
     */
    public record Synced(@Nullable Holding holding) implements Verdict {}

    /** Whether the provider may hold the device otherwise than is known. */
    public enum Doubt {
        NONE,
        /** The outcome of an earlier attempt is still unknown. */
        OLD,
        /** The outcome of this attempt is unknown. Such attempts are counted for good: only they can make duplicates. */
        NEW
    }

    /**
     * The attempt failed and is to be repeated.
     *
     * @param in after this time; with a new doubt not earlier even if the device changed meanwhile
     * @param strike whether the failure seems to be the device's and not the provider's, so that it counts towards giving
     *     up; forgotten by the next success
     * @param words what the provider or the network said, tokens masked
     */
    public record Retry(Duration in, Doubt doubt, boolean strike, SyncReason reason, String words) implements Verdict {}

    /**
     * A person or new information is needed.
     *
     * @param retryIn when to try again all the same; null for never
     * @param doubt never a new one: that is waited for first
     * @param words what the provider said, tokens masked
     */
    public record Parked(@Nullable Duration retryIn, Doubt doubt, SyncReason reason, String words) implements Verdict {}

    /** The provider has no way to know this; what it holds stays as it is known. */
    public record Unsupported(SyncReason reason, String words) implements Verdict {}

    /** Nothing was sent, so no attempt counts. Due again after the given time. */
    public record Released(Duration in) implements Verdict {}
}
