package io.deviceregistry.adapter.out.postgres;

import io.smallrye.config.ConfigMapping;
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

    /** Makes the hash by which a token is found. */
    String lookupKey();

    /**
     * The one that is to take the lookup key's place, from before that begins until nothing needs the former one: which of
     * them is used, the database says.
     */
    Optional<String> nextLookupKey();
}
