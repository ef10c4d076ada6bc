package io.deviceregistry.domain;

/** Why a device is not {@link SyncState#SYNCED} with a provider. */
public enum SyncReason {
    /** The provider has no such customer. */
    CUSTOMER_UNKNOWN,
    /** The provider definitely refused the device. */
    REJECTED,
    /** Whether the last attempt had an effect is not known. */
    UNCONFIRMED,
    /** The last attempt certainly had no effect: the provider was out of reach. */
    UNREACHABLE,
    /** The provider gave an answer that it is not known to give; perhaps it is not the provider's. */
    UNEXPECTED_ANSWER,
    /** The provider asked for a pause. */
    THROTTLED,
    /** The provider did not accept the registry's credentials. */
    UNAUTHORIZED,
    /** The provider does not know devices of this type. */
    TYPE_NOT_SUPPORTED,
    /** The provider cannot be told that a device is gone. */
    RETIRE_NOT_SUPPORTED,
    /** The registry cannot open the token that it stored. */
    UNREADABLE
}
