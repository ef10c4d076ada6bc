package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.ApiKey;
import io.deviceregistry.domain.ApiKeyGrant;
import io.deviceregistry.domain.ApiKeyId;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.UnknownApiKeyException;
import org.jspecify.annotations.Nullable;

/**
 * Issues, lists and revokes the keys by which callers are known. Every method may throw {@link StoreUnavailableException}.
 */
public interface ManageApiKeys {

    /** @param secret is told this once and kept nowhere */
    record Issued(ApiKey key, ApiKeySecret secret) {}

    /** A new key, in force at once; a repeated call issues another one. */
    Issued issue(ApiKeyGrant grant, Caller by);

    /** @throws UnknownApiKeyException if there is none with this id */
    ApiKey key(ApiKeyId key);

    /**
     * Keys in the order in which they were issued, those that are in force no more included.
     *
     * @param after only those that come later; null for all
     */
    Page<ApiKey, ApiKeyId> keys(@Nullable ApiKeyId after, int limit);

    /**
     * Ends a key for good. Whoever authenticates callers may take some seconds to notice. A repeated call changes nothing.
     *
     * @throws UnknownApiKeyException if there is none with this id
     */
    void revoke(ApiKeyId key, Caller by);
}
