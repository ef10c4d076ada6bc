package io.deviceregistry.adapter.in.rest;

import io.smallrye.config.ConfigMapping;

/** Who may call. */
@ConfigMapping(prefix = "registry")
interface AccessConfig {

    /** An API key with every right: any text of {@value ApiKeyMechanism#MIN_KEY_LENGTH} characters or more. A secret. */
    String bootstrapApiKey();
}
