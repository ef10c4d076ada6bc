package io.deviceregistry.adapter.in.rest;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.deviceregistry.application.port.in.AuthenticateCaller;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.AccessScope;
import io.deviceregistry.domain.ApiKeySecret;
import io.deviceregistry.domain.Caller;
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
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Knows callers by the key in {@code X-Authorization}, or after {@code Bearer} in {@code Authorization}. */
@ApplicationScoped
@Startup // so that a bad key stops the start
class ApiKeyMechanism implements HttpAuthenticationMechanism {
    static final int MIN_KEY_LENGTH = 20;
    static final String HEADER = "X-Authorization";
    private static final String BEARER = "Bearer ";
    private static final Caller BOOTSTRAP = new Caller("bootstrap");

    /** Together with a look into the store, less than the five seconds in which a revoked key is dead everywhere. */
    private static final Duration LONGEST_MEMORY = Duration.ofSeconds(4);

    /** A key that is used all the time is looked up again ahead of its end, so that no request waits for it. */
    private static final Duration FRESH = Duration.ofSeconds(2);

    private static final Duration LONGEST_LOOK_UP = Duration.ofMillis(900);

    private static final int LOOK_UPS_AT_ONCE = 4;

    /** Keys, and what might have been one. */
    private static final int MOST_REMEMBERED = 10_000;

    private final byte @Nullable [] bootstrapDigest;
    private final SecurityIdentity bootstrap = identity(BOOTSTRAP, EnumSet.allOf(AccessScope.class));
    private final Semaphore lookUps = new Semaphore(LOOK_UPS_AT_ONCE);
    private final AsyncLoadingCache<ApiKeySecret, Optional<SecurityIdentity>> known;

    ApiKeyMechanism(AccessConfig config, AuthenticateCaller callers) {
        this.bootstrapDigest = config.bootstrapApiKey()
                .map(ApiKeyMechanism::checked)
                .map(ApiKeyMechanism::digest)
                .orElse(null);
        this.known = Caffeine.newBuilder()
                .maximumSize(MOST_REMEMBERED)
                .refreshAfterWrite(FRESH)
                .expireAfterWrite(LONGEST_MEMORY)
                // Requests are authenticated on the event loop, which must not wait for the store.
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .buildAsync(new CacheLoader<>() {
                    @Override
                    public Optional<SecurityIdentity> load(ApiKeySecret secret) throws InterruptedException {
                        return whileOthersHaveConnections(() -> lookUp(callers, secret));
                    }

                    @Override
                    public Optional<SecurityIdentity> reload(ApiKeySecret secret, Optional<SecurityIdentity> known) {
                        return lookUp(callers, secret);
                    }
                });
    }

    /** Anybody can make texts of the form of a key, so what is not known yet gets a few connections only. */
    private Optional<SecurityIdentity> whileOthersHaveConnections(Supplier<Optional<SecurityIdentity>> lookUp)
            throws InterruptedException {
        if (!lookUps.tryAcquire(LONGEST_LOOK_UP.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new StoreUnavailableException(new TimeoutException("Too many keys are being looked up"));
        }
        try {
            return lookUp.get();
        } finally {
            lookUps.release();
        }
    }

    private static Optional<SecurityIdentity> lookUp(AuthenticateCaller callers, ApiKeySecret secret) {
        long begin = System.nanoTime();
        Optional<SecurityIdentity> found = callers.byKey(secret).map(key -> identity(key.caller(), key.scopes()));
        if (System.nanoTime() - begin > LONGEST_LOOK_UP.toNanos()) {
            // The key may have been revoked meanwhile, and what is remembered is remembered from now on.
            throw new StoreUnavailableException(new TimeoutException("A look at a key took too long"));
        }
        return found;
    }

    private static String checked(String key) {
        if (key.length() < MIN_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "registry.bootstrap-api-key must have " + MIN_KEY_LENGTH + " characters or more");
        }
        return key;
    }

    private static SecurityIdentity identity(Caller caller, Collection<AccessScope> scopes) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(caller.name()))
                .addPermissionsAsString(scopes.stream().map(AccessScope::word).collect(Collectors.toSet()))
                .build();
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager identityProviders) {
        String key = context.request().getHeader(HEADER);
        if (key != null) {
            return byKey(key).orElseGet(ApiKeyMechanism::refused);
        }
        // What is not of our form may be a token that another mechanism knows.
        return bearer(context.request())
                .flatMap(this::byKey)
                .orElseGet(() -> Uni.createFrom().nullItem());
    }

    /** Before the one that takes every Bearer token for its own. */
    @Override
    public int getPriority() {
        return DEFAULT_PRIORITY + 100;
    }

    /** Empty for what cannot be a key. */
    private Optional<Uni<SecurityIdentity>> byKey(String key) {
        // Digests of one length, compared in constant time: neither the key nor its length leaks through timing.
        if (bootstrapDigest != null && MessageDigest.isEqual(bootstrapDigest, digest(key))) {
            return Optional.of(Uni.createFrom().item(bootstrap));
        }
        return ApiKeySecret.parse(key)
                .map(secret -> Uni.createFrom()
                        .completionStage(() -> known.get(secret))
                        .flatMap(identity ->
                                identity.map(one -> Uni.createFrom().item(one)).orElseGet(ApiKeyMechanism::refused)));
    }

    private static Uni<SecurityIdentity> refused() {
        return Uni.createFrom().failure(new AuthenticationFailedException());
    }

    private static Optional<String> bearer(HttpServerRequest request) {
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
