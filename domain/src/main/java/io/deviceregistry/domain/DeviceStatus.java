package io.deviceregistry.domain;

/** Whether pushes to a device are wanted and can arrive. */
public enum DeviceStatus {
    ACTIVE,
    /** Reported dead, or unseen for too long, with an {@link InvalidReason}. A later registration revives it. */
    INVALID,
    /**
     * Gone, with a {@link RemovalReason}. A later registration by the same customer revives it, unless another device
     * took over its token.
     */
    REMOVED
}
