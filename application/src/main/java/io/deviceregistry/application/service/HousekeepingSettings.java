package io.deviceregistry.application.service;

import io.deviceregistry.domain.DeviceType;
import java.time.Duration;
import java.util.Map;

/**
 * How long things are kept, and how much is done at a time.
 *
 * @param staleAfter how long a device of a type may be unseen; a type that is not named never grows stale
 * @param staleCheckInterval how often all devices are looked at for their age
 * @param removedRetention how long a removed device can still be seen, and come back as itself
 * @param answerRetention how long the answer to a request with an idempotency key is remembered
 * @param importRetention how long it is known what came of an import
 * @param maintenanceBatchSize devices that a step of the store's own maintenance looks at
 */
public record HousekeepingSettings(
        Map<DeviceType, Duration> staleAfter,
        Duration staleCheckInterval,
        Duration removedRetention,
        Duration answerRetention,
        Duration importRetention,
        int maintenanceBatchSize) {
    private static final int LARGEST_BATCH = 10_000;

    /** @throws IllegalArgumentException naming the key of what makes no sense */
    public HousekeepingSettings {
        staleAfter = Map.copyOf(staleAfter);
        staleAfter.forEach((type, age) -> require(age, "stale-after of " + type));
        require(staleCheckInterval, "stale-check-interval");
        require(removedRetention, "removed-retention");
        require(answerRetention, "idempotency-retention");
        require(importRetention, "import.retention");
        if (maintenanceBatchSize < 1 || maintenanceBatchSize > LARGEST_BATCH) {
            // Larger ones would not be done before the store gives a statement up.
            throw new IllegalArgumentException("registry.maintenance-batch-size must be 1 to " + LARGEST_BATCH);
        }
    }

    private static void require(Duration duration, String key) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException("registry." + key + " must be longer than nothing");
        }
    }
}
