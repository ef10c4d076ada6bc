package io.deviceregistry.application.service;

import java.time.Duration;

/**
 * The pace of the sync engine.
 *
 * @param lease how long a customer is leased for; longer than any provider's call deadline
 * @param settlingDelay how long to wait after an attempt whose outcome is unknown, since it may still take effect
 * @param backoffBase the longest wait before the first retry; doubles with every failure
 * @param backoffCap the longest wait before any retry
 * @param maxStrikes after so many failures that seem to be a device's own, it is parked
 * @param breakerThreshold after so many failures in a row, of different customers, the provider is only probed
 * @param probeInterval how often a provider is probed that is out of order or refuses our credentials
 * @param unknownCustomerRetry how long a device of a customer whom the provider does not know waits at first, unless
 *     released; doubles each time, up to {@link #RAREST_RETRY}
 */
public record SyncSettings(
        Duration lease,
        Duration settlingDelay,
        Duration backoffBase,
        Duration backoffCap,
        int maxStrikes,
        int breakerThreshold,
        Duration probeInterval,
        Duration unknownCustomerRetry) {

    /** Many customers of whom nobody ever tells the provider must not use up what it takes. */
    static final Duration RAREST_RETRY = Duration.ofDays(1);

    /** @throws IllegalArgumentException naming the key of a setting that is too small to make sense */
    public SyncSettings {
        require(lease.isPositive(), "lease");
        require(!settlingDelay.isNegative(), "settling-delay");
        require(backoffBase.isPositive(), "backoff-base");
        require(backoffCap.isPositive(), "backoff-cap");
        require(maxStrikes >= 1, "max-strikes");
        require(breakerThreshold >= 1, "breaker-threshold");
        require(probeInterval.isPositive(), "probe-interval");
        require(unknownCustomerRetry.isPositive(), "unknown-customer-retry");
    }

    private static void require(boolean longEnough, String key) {
        if (!longEnough) {
            throw new IllegalArgumentException("registry.sync." + key + " is too small");
        }
    }

    /** The longest wait after so many failures in a row; the actual wait is a random part of it ("full jitter"). */
    Duration backoffCeiling(int failures) {
        return Durations.shorter(doubled(backoffBase, failures), backoffCap);
    }

    /** @param times how often it was tried in vain since it was parked */
    Duration unknownCustomerRetry(int times) {
        return Durations.shorter(
                doubled(unknownCustomerRetry, times), Durations.longer(unknownCustomerRetry, RAREST_RETRY));
    }

    private static Duration doubled(Duration base, int times) {
        // A million times the base is beyond any sensible cap, and the shift must not overflow.
        return base.multipliedBy(1L << Math.min(times, 20));
    }
}
