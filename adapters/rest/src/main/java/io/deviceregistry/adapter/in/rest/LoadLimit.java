package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Refuses requests at once that would only wait. What waits for the database answers later the more of it there is, until
 * callers give up on answers that were worked for in vain; so beyond a number it is better not begun.
 */
@ApplicationScoped
class LoadLimit {
    /** Before everything that does something. */
    static final int PRIORITY = AccessLog.PRIORITY - 1;

    private static final String LIMITED = "/v1/";

    private final int most;
    private final String answer;
    private final AtomicInteger underWay = new AtomicInteger();

    LoadLimit(AccessConfig config, ObjectMapper mapper) throws JsonProcessingException {
        this.most = config.maxConcurrentRequests();
        if (most < 1) {
            throw new IllegalArgumentException("registry.max-concurrent-requests must be at least 1");
        }
        this.answer = mapper.writeValueAsString(ProblemJson.of(ProblemCode.OVERLOADED));
    }

    void register(@Observes Filters filters) {
        filters.register(this::admit, PRIORITY);
    }

    private void admit(RoutingContext context) {
        if (!context.normalizedPath().startsWith(LIMITED)) {
            context.next();
        } else if (underWay.incrementAndGet() <= most) {
            context.addEndHandler(_ -> underWay.decrementAndGet());
            context.next();
        } else {
            underWay.decrementAndGet();
            refuse(context);
        }
    }

    private void refuse(RoutingContext context) {
        // The rest of the body is dropped, or the connection could not be used again.
        context.request().resume();
        context.response()
                .setStatusCode(ProblemCode.OVERLOADED.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, ProblemJson.MEDIA_TYPE)
                .putHeader(HttpHeaders.RETRY_AFTER, "1")
                .end(answer);
    }
}
