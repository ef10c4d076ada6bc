package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.Caller;
import io.quarkus.oidc.OidcRequestContext;
import io.quarkus.oidc.OidcTenantConfig;
import io.quarkus.oidc.TenantConfigResolver;
import io.quarkus.oidc.runtime.OidcJwtCallerPrincipal;
import io.quarkus.runtime.Startup;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;

/**
 * Callers who show a token of the company's identity provider (OpenID Connect), which Quarkus verifies. Their scopes are
 * those of the claim {@code scope}, of which Quarkus makes permissions, and of {@code scp}.
 */
@ApplicationScoped
@Startup // so that a dangerous configuration stops the start
class TokenCallers implements SecurityIdentityAugmentor, TenantConfigResolver {
    private static final String ISSUER = "quarkus.oidc.auth-server-url";
    private static final String AUDIENCE = "quarkus.oidc.token.audience";

    private static final String FURTHER_SCOPES = "scp";
    private static final Pattern SCOPE = Pattern.compile("[^\\s\",\\[\\]]+");

    /** No caller for whom keys are issued has a colon in the name, so nobody is taken for somebody else. */
    private static final String PREFIX = "oidc:";

    TokenCallers(
            @ConfigProperty(name = ISSUER) Optional<String> issuer,
            @ConfigProperty(name = AUDIENCE) Optional<String> audience) {
        if (issuer.isPresent() && audience.isEmpty()) {
            throw new IllegalArgumentException(AUDIENCE + " is required beside " + ISSUER
                    + ": without it, tokens made for other services would open this one");
        }
    }

    @Override
    public Uni<SecurityIdentity> augment(SecurityIdentity identity, AuthenticationRequestContext context) {
        if (identity.isAnonymous()) {
            return Uni.createFrom().item(identity);
        }
        if (!(identity.getPrincipal() instanceof OidcJwtCallerPrincipal token)) {
            return Uni.createFrom().failure(new AuthenticationFailedException());
        }
        return name(token.getName())
                .map(name -> Uni.createFrom()
                        .<SecurityIdentity>item(QuarkusSecurityIdentity.builder(identity)
                                .setPrincipal(new QuarkusPrincipal(name))
                                .addPermissionsAsString(furtherScopes(token))
                                .build()))
                .orElseGet(() -> Uni.createFrom().failure(new AuthenticationFailedException()));
    }

    /** Some issuers write words between blanks, some a list, which reads like JSON; a scope has no character of either. */
    private static Set<String> furtherScopes(JsonWebToken token) {
        Object scopes = token.getClaim(FURTHER_SCOPES);
        return scopes == null
                ? Set.of()
                : SCOPE.matcher(scopes.toString())
                        .results()
                        .map(MatchResult::group)
                        .collect(Collectors.toSet());
    }

    /** There is one issuer or none. Quarkus starts without any only where something could name one later. */
    @Override
    public @Nullable Uni<OidcTenantConfig> resolve(
            RoutingContext context, OidcRequestContext<OidcTenantConfig> requestContext) {
        return null;
    }

    /** Empty for a token that names nobody, or in a way that cannot be recorded. */
    private static Optional<String> name(@Nullable String subject) {
        String name = PREFIX + subject;
        return subject != null && Caller.isName(name) ? Optional.of(name) : Optional.empty();
    }
}
