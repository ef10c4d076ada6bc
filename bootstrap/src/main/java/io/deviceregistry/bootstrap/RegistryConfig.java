package io.deviceregistry.bootstrap;

import io.deviceregistry.domain.ApiKeySecret;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the registry accepts and how long it keeps things. Durations are ISO-8601 or a number with a unit: {@code 30D}. */
@ConfigMapping(prefix = "registry")
interface RegistryConfig {

    /** The accepted device types, lower-case words. A provider may support fewer. */
    @WithDefault("android,ios,web,windows,huawei")
    List<String> deviceTypes();

    /** The most active devices that a customer may have. */
    @WithDefault("100")
    int maxDevicesPerCustomer();

    /**
     * Each a type, an equals sign, and how long a device of this type may be unseen before it is {@code INVALID(STALE)}.
     * Types not named never are.
     */
    Optional<List<String>> staleAfter();

    /** How often all devices are looked at for their age. */
    @WithDefault("1H")
    Duration staleCheckInterval();

    /** How long a removed device can be seen, and come back as itself; it is deleted after that. */
    @WithDefault("30D")
    Duration removedRetention();

    /**
     * How often each replica looks what became due by the passing of time alone, a second or more. The scheduler reads it
     * for itself.
     */
    Duration housekeepingInterval();

    /**
     * How often each replica takes a step of the store's own maintenance, a second or more. The scheduler reads it for
     * itself.
     */
    Duration maintenanceInterval();

    /** How many devices such a step looks at. */
    @WithDefault("1000")
    int maintenanceBatchSize();

    /** How long the answer to a request with an {@code Idempotency-Key} is remembered. */
    @WithDefault("24H")
    Duration idempotencyRetention();

    /** Of the API keys that are issued: tells keys of a system that matters from others. */
    @WithDefault("live")
    ApiKeySecret.Environment apiKeyEnvironment();
}
