package io.deviceregistry.adapter.out.bunce;

import io.deviceregistry.domain.DeviceType;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Set;

/** How Bunce is reached and what it is trusted to understand. */
@ConfigMapping(prefix = "registry.bunce")
interface BunceConfig {

    /** The API's address, {@code /v1} included. HTTPS, unless it is on this machine. */
    URI baseUrl();

    /** Sent as it is in {@code X-Authorization}. A secret. */
    String apiKey();

    /**
     * Requests a minute that all replicas together may make; 0 for no limit. Bunce documents 500 per address and blocks
     * an address that exceeds them for a minute, so the default stays below.
     */
    @WithDefault("450")
    int requestsPerMinute();

    /** The most devices in one request. Bunce documents no maximum. */
    @WithDefault("50")
    int devicesPerRequest();

    /** Device types that Bunce takes. Its pages name these two. */
    @WithDefault("android,ios")
    Set<String> deviceTypes();

    /** What to do about a device that is gone, since Bunce documents no call that deletes one. */
    @WithDefault("tombstone")
    Retire retire();

    enum Retire {
        /**
         * Replace the token by one that is no push address. A push to that customer then fails at Bunce for this entry;
         * without it, the push would reach somebody else's device.
         */
        TOMBSTONE,
        /** Leave Bunce as it is, and record that it was not told. */
        UNSUPPORTED
    }

    /** Whether Bunce takes devices of this type. */
    default boolean takes(DeviceType type) {
        return deviceTypes().stream().anyMatch(type.value()::equalsIgnoreCase);
    }
}
