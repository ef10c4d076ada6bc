package io.deviceregistry.adapter.in.rest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Who may call besides those who have keys of their own, and how many at once. */
@ConfigMapping(prefix = "registry")
interface AccessConfig {

    /**
     * An API key with every right, for issuing the first ones of others: any text of
     * {@value ApiKeyMechanism#MIN_KEY_LENGTH} characters or more. A secret.
     */
    Optional<String> bootstrapApiKey();

    /** How many requests a second each caller may have of a replica; as many as it likes, if not set. */
    OptionalInt requestsPerSecond();

    /** Each a caller's name, an equals sign, and how many this one may have instead. */
    Optional<List<String>> requestsPerSecondOf();

    /** Of requests beyond this number that a replica would work on at once, each is refused; health checks are not. */
    @WithDefault("500")
    int maxConcurrentRequests();

    /**
     * Whether HTTPS is for those only who show a certificate that the trust store of its TLS configuration vouches for.
     * Callers need a key besides.
     */
    @WithDefault("false")
    boolean requireClientCertificate();
}
