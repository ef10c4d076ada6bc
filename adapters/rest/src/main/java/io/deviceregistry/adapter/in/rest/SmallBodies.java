package io.deviceregistry.adapter.in.rest;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Has short bodies read before a thread works on their requests. A thread that reads by itself waits for each body, with a
 * timer, although nearly all come with the request's head; that is as dear as much else that it does for a registration.
 */
@ApplicationScoped
class SmallBodies {
    /** A registration with the longest token, written with escapes, and most metadata. */
    private static final int MOST_BYTES = 16 * 1024;

    private static final String READ = "application/json";

    private final BodyHandler reader = BodyHandler.create(false);
    private final long patience;

    /** @param patience how long a client may take to send a body */
    SmallBodies(@ConfigProperty(name = "quarkus.http.read-timeout") Duration patience) {
        this.patience = patience.toMillis();
    }

    void register(@Observes Filters filters) {
        filters.register(this::read, LoadLimit.PRIORITY - 1);
    }

    private void read(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!isUsual(request) || !isJson(request) || !isShort(request)) {
            context.next();
            return;
        }
        long timer = context.vertx().setTimer(patience, _ -> {
            if (context.body().buffer() == null) {
                request.connection().close();
            }
        });
        context.addEndHandler(_ -> context.vertx().cancelTimer(timer));
        reader.handle(context);
    }

    /** Not one that goes on by another protocol, of which the body was read already. */
    private static boolean isUsual(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_1_1
                && !request.headers().contains(HttpHeaders.UPGRADE)
                && !request.isEnded();
    }

    private static boolean isJson(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.toLowerCase(Locale.ROOT).startsWith(READ);
    }

    /** And there is one. */
    private static boolean isShort(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            int length = header == null ? 0 : Integer.parseInt(header);
            return length > 0 && length <= MOST_BYTES;
        } catch (NumberFormatException _) {
            return false;
        }
    }
}
