package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.AuthenticateCaller;
import io.deviceregistry.application.port.in.ManageApiKeys;
import io.deviceregistry.application.port.out.ApiKeyStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.ApiKey;
import io.deviceregistry.domain.ApiKeyGrant;
import io.deviceregistry.domain.ApiKeyId;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.ApiKeySecret.Environment;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.UnknownApiKeyException;
import java.security.SecureRandom;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes keys, and knows them again. */
public final class ApiKeyService implements ManageApiKeys, AuthenticateCaller {
    private final ApiKeyStore store;
    private final Environment environment;
    private final SecureRandom random = new SecureRandom();

    /** @param environment of the keys that are issued */
    public ApiKeyService(ApiKeyStore store, Environment environment) {
        this.store = store;
        this.environment = environment;
    }

    @Override
    public Issued issue(ApiKeyGrant grant, Caller by) {
        ApiKeySecret secret = ApiKeySecret.generate(environment, random);
        return new Issued(store.add(secret, grant, by), secret);
    }

    @Override
    public ApiKey key(ApiKeyId key) {
        return store.key(key).orElseThrow(() -> new UnknownApiKeyException(key));
    }

    @Override
    public Page<ApiKey, ApiKeyId> keys(@Nullable ApiKeyId after, int limit) {
        return store.keys(after, limit);
    }

    @Override
    public void revoke(ApiKeyId key, Caller by) {
        if (!store.revoke(key, by)) {
            throw new UnknownApiKeyException(key);
        }
    }

    @Override
    public Optional<ApiKey> byKey(ApiKeySecret secret) {
        return store.use(secret);
    }
}
