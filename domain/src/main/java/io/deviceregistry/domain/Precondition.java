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
        if (versions != null && !versions.contains(device.version())) {
            throw new StaleVersionException();
        }
    }
}
