package io.deviceregistry.adapter.in.rest;

import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Tells the access log, if somebody switched it on, which operation was asked for: {@code %{d,operation}} in its pattern.
 * The path itself stays out of it, because a token may be put there by mistake.
 */
@ApplicationScoped
class AccessLog {
    /** Before a request can be refused. */
    static final int PRIORITY = Integer.MAX_VALUE;

    private static final String OPERATION = "operation";

    private final Operations operations;

    AccessLog(Operations operations) {
        this.operations = operations;
    }

    void register(@Observes Filters filters, VertxHttpConfig http) {
        if (http.accessLog().enabled()) {
            filters.register(this::nameOperation, PRIORITY);
        }
    }

    private void nameOperation(RoutingContext context) {
        String method = Operations.methodOrUnknown(context.request().method().name());
        String path = operations.templateOf(context.normalizedPath()).orElse(Operations.UNKNOWN);
        context.put(OPERATION, method + ' ' + path);
        context.next();
    }
}
