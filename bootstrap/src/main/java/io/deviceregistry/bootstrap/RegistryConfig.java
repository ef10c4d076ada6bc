package io.deviceregistry.bootstrap;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;

/** What the registry accepts. */
@ConfigMapping(prefix = "registry")
interface RegistryConfig {

    /** The accepted device types, lower-case words. A provider may support fewer. */
    @WithDefault("android,ios,web,windows,huawei")
    List<String> deviceTypes();
}
