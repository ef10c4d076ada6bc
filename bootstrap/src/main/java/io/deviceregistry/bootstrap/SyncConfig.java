package io.deviceregistry.bootstrap;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The pace of the sync engine. Durations are ISO-8601 or a number with a unit, such as {@code 30S}. */
@ConfigMapping(prefix = "registry.sync")
interface SyncConfig {

    /** Customers that one replica works on at once, per provider. */
    @WithDefault("8")
    int workers();

    /** How often one of the idle workers looks for what other replicas, or the clock, made due. Jittered by half. */
    @WithDefault("1S")
    Duration pollInterval();

    /** How long a customer is leased for; after a crash, the time until another replica takes over. */
    @WithDefault("30S")
    Duration lease();

    /** How long to wait after an attempt whose outcome is unknown, since it may still take effect. */
    @WithDefault("15S")
    Duration settlingDelay();

    /** The longest wait before the first retry; doubles with every failure. The actual wait is a random part of it. */
    @WithDefault("1S")
    Duration backoffBase();

    /** The longest wait before any retry. */
    @WithDefault("1M")
    Duration backoffCap();

    /**
     * After so many failures that seem to be a device's own, while others succeed, it is parked: answers that the provider
     * is not known to give, or attempts of unknown outcome where it cannot be asked.
     */
    @WithDefault("10")
    int maxStrikes();

    /** After so many failures in a row, of different customers, a provider is only probed, by all replicas together. */
    @WithDefault("5")
    int breakerThreshold();

    /** How often a provider is probed that is out of order or refuses our credentials. */
    @WithDefault("10S")
    Duration probeInterval();

    /**
     * How long a device of a customer whom the provider does not know waits for another try, if nothing new becomes known
     * of the customer; doubles each time, up to a day.
     */
    @WithDefault("10M")
    Duration unknownCustomerRetry();

    /** From the beginning of one search for devices of which a provider was never to be told to that of the next. */
    @WithDefault("10M")
    Duration sweepInterval();

    /**
     * How long all replicas together take for one customer when they compare what a provider holds, as long as there is
     * nothing else to do; 0 for no comparing but on request.
     */
    @WithDefault("3S")
    Duration comparisonPace();

    /** How often each replica does a step of either, a second or more. The scheduler reads it for itself. */
    Duration repairInterval();

    /** How often each replica counts what its gauges show, a second or more. The scheduler reads it for itself. */
    Duration metricsInterval();
}
