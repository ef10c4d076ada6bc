package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.ApiKeyStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.ApiKey;
import io.deviceregistry.domain.ApiKeyGrant;
import io.deviceregistry.domain.ApiKeyId;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.Caller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Keys in a list. */
public final class InMemoryApiKeys implements ApiKeyStore {
    private final InstantSource clock;
    private final List<ApiKey> keys = new ArrayList<>();
    private final Map<ApiKeySecret, Integer> positions = new HashMap<>();

    public InMemoryApiKeys(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized ApiKey add(ApiKeySecret secret, ApiKeyGrant grant, Caller by) {
        ApiKey key = new ApiKey(
                new ApiKeyId(new UUID(keys.size(), 0)), grant, secret.hint(), by, clock.instant(), null, null, null);
        positions.put(secret, keys.size());
        keys.add(key);
        return key;
    }

    @Override
    public synchronized Optional<ApiKey> use(ApiKeySecret secret) {
        Instant now = clock.instant();
        Optional<ApiKey> used = Optional.ofNullable(positions.get(secret))
                .map(keys::get)
                .filter(key -> key.revokedAt() == null)
                .filter(key -> key.grant().expiresAt() == null
                        || key.grant().expiresAt().isAfter(now));
        used.filter(key -> key.lastUsedAt() == null || key.lastUsedAt().isBefore(now.minus(Duration.ofMinutes(1))))
                .ifPresent(key -> replace(key, now, null, null));
        return used.map(key -> keys.get(keys.indexOf(find(key.id()).orElseThrow())));
    }

    @Override
    public synchronized Optional<ApiKey> key(ApiKeyId key) {
        return find(key);
    }

    private Optional<ApiKey> find(ApiKeyId id) {
        return keys.stream().filter(key -> key.id().equals(id)).findFirst();
    }

    @Override
    public synchronized Page<ApiKey, ApiKeyId> keys(@Nullable ApiKeyId after, int limit) {
        List<ApiKey> found = keys.stream()
                .dropWhile(key -> after != null && key.id().value().compareTo(after.value()) <= 0)
                .toList();
        return Page.of(found, limit, ApiKey::id);
    }

    @Override
    public synchronized boolean revoke(ApiKeyId id, Caller by) {
        Optional<ApiKey> key = find(id);
        key.filter(one -> one.revokedAt() == null)
                .ifPresent(one -> replace(one, one.lastUsedAt(), by, clock.instant()));
        return key.isPresent();
    }

    private void replace(
            ApiKey key, @Nullable Instant lastUsedAt, @Nullable Caller revokedBy, @Nullable Instant revokedAt) {
        keys.set(
                keys.indexOf(key),
                new ApiKey(
                        key.id(),
                        key.grant(),
                        key.hint(),
                        key.issuedBy(),
                        key.issuedAt(),
                        lastUsedAt,
                        revokedBy,
                        revokedAt));
    }
}
