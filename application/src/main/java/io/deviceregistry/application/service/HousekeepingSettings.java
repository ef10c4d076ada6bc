package io.deviceregistry.application.service;

import io.deviceregistry.domain.DeviceType;
import java.time.Duration;
import java.util.Map;

/**
 * How long things are kept.
 *
 * @param staleAfter how long a device of a type may be unseen; a type that is not named never grows stale
 * @param staleCheckInterval how often all devices are looked at for their age
 * @param removedRetention how long a removed device can still be seen, and come back as itself
 * @param answerRetention how long the answer to a request with an idempotency key is remembered
 * @param importRetention how long it is known what came of an import
 */
public record HousekeepingSettings(
        Map<DeviceType, Duration> staleAfter,
        Duration staleCheckInterval,
        Duration removedRetention,
        Duration answerRetention,
        Duration importRetention) {

    /** @throws IllegalArgumentException naming the key of a duration that is too short to make sense */
    public HousekeepingSettings {
        staleAfter = Map.copyOf(staleAfter);
        staleAfter.forEach((type, age) -> require(age, "stale-after." + type));
        require(staleCheckInterval, "stale-check-interval");
        require(removedRetention, "removed-retention");
        require(answerRetention, "idempotency-retention");
        require(importRetention, "import.retention");
    }

    private static void require(Duration duration, String key) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException("registry." + key + " must be longer than nothing");
        }
    }
}
