package io.deviceregistry.domain;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The version that a caller believes a device to have.
 *
 * @param versions any of these will do; null for any version at all
 */
public record Precondition(@Nullable Set<Long> versions) {
    public static final Precondition NONE = new Precondition(null);

    public Precondition {
        versions = versions == null ? null : Set.copyOf(versions);
    }

    /** @throws StaleVersionException if the device has another version */
    void require(Device device) {
        if (!isMetBy(device.version())) {
            throw new StaleVersionException();
        }
    }

    /**
     * A removal that is repeated believes the device to have the version that it had before it was removed, and has been
     * done already (RFC 9110, 13.1.1, lets that succeed).
     *
     * @throws StaleVersionException if the device has another version, and had another before it was removed
     */
    void requireForRemoval(Device device) {
        if (device.status() != DeviceStatus.REMOVED || !isMetBy(device.version() - 1)) {
            require(device);
        }
    }

    private boolean isMetBy(long version) {
        return versions == null || versions.contains(version);
    }
}
