package io.deviceregistry.adapter.out.opentelemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.quarkus.opentelemetry.runtime.QuarkusContextStorage;
import jakarta.ws.rs.client.ClientRequestContext;
import jakarta.ws.rs.client.ClientRequestFilter;
import jakarta.ws.rs.ext.Provider;

/**
 * Makes calls of REST clients parts of the traces of the threads that wait for them. Vert.x, which makes and records the
 * calls, looks for a trace where it keeps those of requests that it serves itself.
 */
@Provider
class CallsOfRounds implements ClientRequestFilter {
    /** What the client calls the context of Vert.x in which it makes one call, and no other. */
    private static final String VERTX_CONTEXT = "__context";

    @Override
    public void filter(ClientRequestContext request) {
        Context trace = Context.current();
        if (Span.fromContext(trace).getSpanContext().isValid()
                && request.getProperty(VERTX_CONTEXT) instanceof io.vertx.core.Context call) {
            // Ends with the call's context.
            QuarkusContextStorage.INSTANCE.attach(call, trace);
        }
    }
}
