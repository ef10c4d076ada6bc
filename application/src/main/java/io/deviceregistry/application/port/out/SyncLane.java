package io.deviceregistry.application.port.out;

/** Two queues at each provider, so that nobody who registers now waits for what is only caught up on. */
public enum SyncLane {
    /** What somebody just changed. */
    FRESH,
    /** What was missing or different for long: back-fills, repairs, mass replays. */
    BACKLOG
}
