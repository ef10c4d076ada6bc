package io.deviceregistry.adapter.in.rest;

import io.quarkus.runtime.Startup;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** Knows callers by the key in {@code X-Authorization}, or after {@code Bearer} in {@code Authorization}. */
@ApplicationScoped
@Startup // so that a bad key stops the start
class ApiKeyMechanism implements HttpAuthenticationMechanism {
    static final int MIN_KEY_LENGTH = 20;
    static final String HEADER = "X-Authorization";
    private static final String BEARER = "Bearer ";

    private final byte[] keyDigest;
    private final SecurityIdentity caller = QuarkusSecurityIdentity.builder()
            .setPrincipal(new QuarkusPrincipal("bootstrap"))
            .build();

    ApiKeyMechanism(AccessConfig config) {
        if (config.bootstrapApiKey().length() < MIN_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "registry.bootstrap-api-key must have " + MIN_KEY_LENGTH + " characters or more");
        }
        this.keyDigest = digest(config.bootstrapApiKey());
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager identityProviders) {
        Optional<String> key = key(context.request());
        if (key.isEmpty()) {
            return Uni.createFrom().nullItem();
        }
        // Digests of one length, compared in constant time: neither the key nor its length leaks through timing.
        return MessageDigest.isEqual(keyDigest, digest(key.get()))
                ? Uni.createFrom().item(caller)
                : Uni.createFrom().failure(new AuthenticationFailedException());
    }

    private static Optional<String> key(HttpServerRequest request) {
        String key = request.getHeader(HEADER);
        if (key != null) {
            return Optional.of(key);
        }
        return Optional.ofNullable(request.getHeader(HttpHeaders.AUTHORIZATION))
                // The scheme's name is case-insensitive: RFC 9110, 11.1.
                .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(value -> value.substring(BEARER.length()).strip());
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext context) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", "Bearer"));
    }

    private static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
