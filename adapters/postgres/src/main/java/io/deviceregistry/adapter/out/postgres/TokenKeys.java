package io.deviceregistry.adapter.out.postgres;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The keys that protect tokens in the database. Each is the base64 form of 32 random bytes, different from the others.
 * Without them the stored tokens are lost.
 */
@ConfigMapping(prefix = "registry.token")
interface TokenKeys {

    /** Encrypts the tokens. */
    String encryptionKey();

    /**
     * Keys that only decrypt: the next one, before it takes over, and the former one, until nothing is encrypted with it
     * any more.
     */
    Optional<List<String>> furtherEncryptionKeys();

    /**
     * How long no process may have encrypted with a key before it can be found to be needed no more; longer than anything
     * is kept that is not encrypted anew: {@code registry.idempotency-retention}.
     */
    @WithDefault("25H")
    Duration retireAfter();

    /** Makes the hash by which a token is found. */
    String lookupKey();
}
