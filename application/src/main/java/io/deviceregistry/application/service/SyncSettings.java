package io.deviceregistry.application.service;

import java.time.Duration;

/**
 * The pace of the sync engine.
 *
 * @param lease how long a customer is leased for; longer than any provider's call deadline
 * @param settlingDelay how long to wait after an attempt whose outcome is unknown, since it may still take effect
 * @param backoffBase the longest wait before the first retry; doubles with every failure
 * @param backoffCap the longest wait before any retry
 * @param unauthorizedPause how long a provider that refuses our credentials is left alone before the next probe
 * @param unknownCustomerRetry how long a device of a customer whom the provider does not know waits, unless released
 */
public record SyncSettings(
        Duration lease,
        Duration settlingDelay,
        Duration backoffBase,
        Duration backoffCap,
        Duration unauthorizedPause,
        Duration unknownCustomerRetry) {

    /** @throws IllegalArgumentException naming the key of a duration that is too short to make sense */
    public SyncSettings {
        require(lease.isPositive(), "lease");
        require(!settlingDelay.isNegative(), "settling-delay");
        require(backoffBase.isPositive(), "backoff-base");
        require(backoffCap.isPositive(), "backoff-cap");
        require(unauthorizedPause.isPositive(), "unauthorized-pause");
        require(unknownCustomerRetry.isPositive(), "unknown-customer-retry");
    }

    private static void require(boolean longEnough, String key) {
        if (!longEnough) {
            throw new IllegalArgumentException("registry.sync." + key + " is too short");
        }
    }

    /** The longest wait after so many failures in a row; the actual wait is a random part of it ("full jitter"). */
    Duration backoffCeiling(int failures) {
        // A million times the base is beyond any sensible cap, and the shift must not overflow.
        Duration doubled = backoffBase.multipliedBy(1L << Math.min(failures, 20));
        return doubled.compareTo(backoffCap) < 0 ? doubled : backoffCap;
    }
}
