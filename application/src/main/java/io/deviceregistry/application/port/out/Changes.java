package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.DeviceChange;
import java.util.List;

/**
 * Changes one after the other.
 *
 * @param next the position of the last of them; where there is none, the one after which they were asked for
 */
public record Changes(List<DeviceChange> changes, ChangeCursor next) {
    public Changes {
        changes = List.copyOf(changes);
    }
}
