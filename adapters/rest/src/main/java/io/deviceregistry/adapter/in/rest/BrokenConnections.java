package io.deviceregistry.adapter.in.rest;

import io.vertx.core.http.HttpClosedException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Lets requests rest whose clients went away while they were read. Nobody is there to answer, and nothing failed; the
 * framework would log an error with the path, in which there may be a token, and anybody could fill the log with such.
 */
@ApplicationScoped
class BrokenConnections {

    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).failureHandler(BrokenConnections::pass);
    }

    private static void pass(RoutingContext context) {
        if (!(context.failure() instanceof HttpClosedException)) {
            context.next();
        }
    }
}
