package io.deviceregistry.adapter.out.postgres;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The feed of changes. */
@ConfigMapping(prefix = "registry.changes")
interface ChangesConfig {

    /** How long a change is kept, to the day. */
    @WithDefault("30D")
    Duration retention();
}
