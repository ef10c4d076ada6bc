package io.deviceregistry.domain;

/** How a provider stands towards one device. */
public enum SyncState {
    /** The provider is to be told, now or after a wait. */
    PENDING,
    /** The provider knows the device as the registry does. */
    SYNCED,
    /** Waits for a person or for new information; never dropped. */
    PARKED,
    /** The provider has no way to know such a device. */
    UNSUPPORTED
}
