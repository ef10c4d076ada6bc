package io.deviceregistry.bootstrap;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Imports of devices from files. */
@ConfigMapping(prefix = "registry.import")
interface ImportConfig {

    /** Parts of imports that a replica stores at once; 0 for a replica that leaves it to others. */
    int workers();

    /** How long it is known what came of an import. */
    @WithDefault("30D")
    Duration retention();
}
