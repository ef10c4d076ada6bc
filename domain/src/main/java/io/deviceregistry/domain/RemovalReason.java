package io.deviceregistry.domain;

/** Why a device is {@link DeviceStatus#REMOVED}. */
public enum RemovalReason {
    /** Its customer asked for it. */
    DEREGISTERED,
    /** Another customer registered its token. */
    TRANSFERRED,
    /** Another device of the same customer took over its token. */
    REPLACED
}
