package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.quarkus.vertx.http.runtime.VertxHttpConfig.InsecureRequests;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;

/**
 * Where HTTPS is served, lets plain HTTP have health checks only, and asks for certificates if that is configured.
 *
 * <p>Probes of a cluster can show no certificate, so the plain port stays open for them. {@code
 * quarkus.http.ssl.client-auth} would do the asking, but is fixed when the service is built.
 */
@ApplicationScoped
class TransportGuard implements HttpServerOptionsCustomizer {
    private static final String HEALTH = "/q/health";

    private final boolean requireCertificate;
    private final boolean healthOnlyInPlain;
    private final String answer;

    /** @throws IllegalArgumentException if certificates are required and not everything is there to check them */
    TransportGuard(AccessConfig config, VertxHttpConfig http, TlsConfigurationRegistry registry, ObjectMapper mapper)
            throws JsonProcessingException {
        Optional<TlsConfiguration> https = http.tlsConfigurationName()
                .map(registry::get)
                .orElseGet(registry::getDefault)
                .filter(tls -> tls.getKeyStoreOptions() != null);
        requireCertificate = config.requireClientCertificate();
        healthOnlyInPlain = https.isPresent() && http.insecureRequests().isEmpty();
        answer = mapper.writeValueAsString(
                ProblemJson.of(ProblemCode.NOT_FOUND, "Without TLS there is nothing but " + HEALTH + ".", null));
        if (requireCertificate) {
            // Without a trust store, every certificate would do that a public authority has issued to anybody.
            require(
                    https.filter(tls -> tls.getTrustStoreOptions() != null && !tls.isTrustAll())
                            .isPresent(),
                    "needs a TLS configuration (quarkus.http.tls-configuration-name) with a key store and a trust store");
            require(
                    http.insecureRequests()
                            .filter(InsecureRequests.ENABLED::equals)
                            .isEmpty(),
                    "makes no sense where quarkus.http.insecure-requests=enabled lets everybody in");
        }
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException("registry.require-client-certificate " + what);
        }
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        if (requireCertificate) {
            options.setClientAuth(ClientAuth.REQUIRED);
        }
    }

    void register(@Observes Filters filters) {
        if (healthOnlyInPlain) {
            filters.register(this::admit, LoadLimit.PRIORITY);
        }
    }

    private void admit(RoutingContext context) {
        // What the connection is, not what a header says of it.
        if (context.request().connection().isSsl() || isHealthCheck(context.normalizedPath())) {
            context.next();
        } else {
            // The rest of the body is dropped, or the connection could not be used again.
            context.request().resume();
            context.response()
                    .setStatusCode(ProblemCode.NOT_FOUND.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, ProblemJson.MEDIA_TYPE)
                    .end(answer);
        }
    }

    private static boolean isHealthCheck(String path) {
        return path.equals(HEALTH) || path.startsWith(HEALTH + "/");
    }
}
