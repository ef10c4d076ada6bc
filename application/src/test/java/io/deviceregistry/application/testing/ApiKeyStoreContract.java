package io.deviceregistry.application.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.ApiKeyStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.AccessScope;
import io.deviceregistry.domain.ApiKey;
import io.deviceregistry.domain.ApiKeyGrant;
import io.deviceregistry.domain.ApiKeyId;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.ApiKeySecret.Environment;
import io.deviceregistry.domain.Caller;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link ApiKeyStore} does. */
public abstract class ApiKeyStoreContract {
    private static final Caller ISSUER = new Caller("bootstrap");
    private static final Set<AccessScope> SCOPES = Set.of(AccessScope.DEVICES_READ, AccessScope.KEYS_MANAGE);

    private final ApiKeySecret secret = aSecret();

    protected abstract ApiKeyStore store();

    private static ApiKeySecret aSecret() {
        return ApiKeySecret.generate(Environment.TEST, new SecureRandom());
    }

    private static ApiKeyGrant grant(@Nullable Instant expiresAt) {
        return new ApiKeyGrant(ApiKeyGrant.caller("shop"), SCOPES, expiresAt);
    }

    private ApiKey added() {
        return store().add(secret, grant(null), ISSUER);
    }

    @Test
    void a_key_is_found_by_its_secret_and_by_its_id_as_it_was_added() {
        ApiKey key = added();

        assertThat(key.grant()).isEqualTo(grant(null));
        assertThat(key.hint()).isEqualTo(secret.hint());
        assertThat(key.issuedBy()).isEqualTo(ISSUER);
        assertThat(key.lastUsedAt()).isNull();
        assertThat(key.revokedBy()).isNull();
        assertThat(key.revokedAt()).isNull();
        assertThat(store().key(key.id())).contains(key);
        assertThat(store().use(secret).map(ApiKey::id)).contains(key.id());
    }

    @Test
    void nobody_is_known_by_another_secret() {
        added();

        assertThat(store().use(aSecret())).isEmpty();
        assertThat(store().key(new ApiKeyId(UUID.randomUUID()))).isEmpty();
    }

    @Test
    void a_use_is_noted_to_the_minute() {
        ApiKey key = added();

        Instant used = store().use(secret).orElseThrow().lastUsedAt();
        store().use(secret);

        assertThat(used).isNotNull().isAfterOrEqualTo(key.issuedAt());
        assertThat(store().key(key.id()).orElseThrow().lastUsedAt()).isEqualTo(used);
    }

    @Test
    void a_key_ends_at_its_time() {
        Instant soon =
                Instant.ofEpochMilli(Instant.now().plus(Duration.ofSeconds(1)).toEpochMilli());
        ApiKey key = store().add(secret, grant(soon), ISSUER);

        assertThat(key.grant().expiresAt()).isEqualTo(soon);
        assertThat(store().use(secret)).isPresent();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(store().use(secret)).isEmpty());
        assertThat(store().key(key.id())).isPresent();
    }

    @Test
    void a_revoked_key_is_found_by_its_id_alone_and_the_first_revocation_stands() {
        ApiKey key = added();

        Caller first = new Caller("first");

        assertThat(store().revoke(key.id(), first)).isTrue();
        Instant revoked = store().key(key.id()).orElseThrow().revokedAt();
        assertThat(store().revoke(key.id(), new Caller("second"))).isTrue();

        assertThat(store().use(secret)).isEmpty();
        assertThat(revoked).isNotNull().isAfterOrEqualTo(key.issuedAt());
        assertThat(store().key(key.id()).orElseThrow().revokedAt()).isEqualTo(revoked);
        assertThat(store().key(key.id()).orElseThrow().revokedBy()).isEqualTo(first);
        assertThat(store().revoke(new ApiKeyId(UUID.randomUUID()), ISSUER)).isFalse();
    }

    @Test
    void a_caller_may_have_two_keys_and_loses_only_the_one_that_is_revoked() {
        ApiKey old = added();
        ApiKeySecret next = aSecret();
        store().add(next, grant(null), ISSUER);

        store().revoke(old.id(), ISSUER);

        assertThat(store().use(next)).isPresent();
    }

    @Test
    void keys_are_listed_in_pages_in_the_order_in_which_they_were_added() {
        List<ApiKeyId> added = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            added.add(store().add(aSecret(), grant(null), ISSUER).id());
        }

        List<ApiKeyId> listed = new ArrayList<>();
        ApiKeyId after = null;
        do {
            Page<ApiKey, ApiKeyId> page = store().keys(after, 2);
            page.items().forEach(key -> listed.add(key.id()));
            after = page.next();
        } while (after != null);

        assertThat(listed).containsSubsequence(added);
        assertThat(listed).doesNotHaveDuplicates();
    }
}
