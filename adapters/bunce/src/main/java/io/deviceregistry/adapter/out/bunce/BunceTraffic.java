package io.deviceregistry.adapter.out.bunce;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jboss.resteasy.reactive.client.api.ClientLogger;

/**
 * What the REST client writes when it is told to log ({@code quarkus.rest-client.logging.scope}): the client's own way
 * shows headers and bodies, which are full of secrets.
 */
@ApplicationScoped
class BunceTraffic implements ClientLogger {
    private static final Logger LOG = System.getLogger(BunceTraffic.class.getName());

    @Override
    public void setBodySize(int bodySize) {
        // No body is ever shown.
    }

    @Override
    public void logRequest(HttpClientRequest request, Buffer body, boolean omitBody) {
        LOG.log(Level.DEBUG, "{0} {1}", request.getMethod(), request.path());
    }

    @Override
    public void logResponse(HttpClientResponse response, boolean redirect) {
        LOG.log(
                Level.DEBUG,
                "{0} to {1} {2}",
                response.statusCode(),
                response.request().getMethod(),
                response.request().path());
    }
}
