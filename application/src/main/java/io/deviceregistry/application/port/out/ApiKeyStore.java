package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.ApiKey;
import io.deviceregistry.domain.ApiKeyGrant;
import io.deviceregistry.domain.ApiKeyId;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.Caller;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what is known of API keys, and of the keys themselves a hash. The store makes the ids and sets the times. Every
 * method may throw {@link StoreUnavailableException}.
 */
public interface ApiKeyStore {

    ApiKey add(ApiKeySecret secret, ApiKeyGrant grant, Caller by);

    /** The key with this secret, if it is neither revoked nor expired; notes that it was used, if not a minute ago. */
    Optional<ApiKey> use(ApiKeySecret secret);

    Optional<ApiKey> key(ApiKeyId key);

    /** In the order of their ids, which is that in which they were added. */
    Page<ApiKey, ApiKeyId> keys(@Nullable ApiKeyId after, int limit);

    /** Whether there is such a key, which is revoked now; the first revocation stands. */
    boolean revoke(ApiKeyId key, Caller by);
}
