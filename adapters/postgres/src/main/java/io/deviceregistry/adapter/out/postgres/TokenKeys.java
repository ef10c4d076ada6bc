package io.deviceregistry.adapter.out.postgres;

import io.smallrye.config.ConfigMapping;

/**
 * The keys that protect tokens in the database. Both are the base64 form of 32 random bytes, different from each other.
 * Without them the stored tokens are lost.
 */
@ConfigMapping(prefix = "registry.token")
interface TokenKeys {

    /** Encrypts the tokens. */
    String encryptionKey();

    /** Makes the hash by which a token is found. */
    String lookupKey();
}
