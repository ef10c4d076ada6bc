package io.deviceregistry.domain;

/** What a new version of a device is about. */
public enum ChangeKind {
    /** The device is new. */
    REGISTERED,
    /** Its type, its token or its metadata changed. */
    CHANGED,
    /** It is active again. */
    REACTIVATED,
    /** It was found dead, or was unseen for too long. */
    INVALIDATED,
    REMOVED,
    /** It is gone with its customer. */
    ERASED
}
