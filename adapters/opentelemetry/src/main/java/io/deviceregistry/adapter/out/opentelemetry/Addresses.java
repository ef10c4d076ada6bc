package io.deviceregistry.adapter.out.opentelemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Keeps addresses out of spans: customers' ids are in them, and whatever somebody put there by mistake, such as a token in
 * a query, or instead of a method. A span has the path's template in its name.
 */
@ApplicationScoped
class Addresses implements SpanProcessor {
    /** Set when the span starts, by whoever made it. An attribute cannot be removed, but be replaced. */
    private static final List<AttributeKey<String>> ADDRESSES = List.of(
            AttributeKey.stringKey("url.path"),
            AttributeKey.stringKey("url.query"),
            AttributeKey.stringKey("url.full"),
            // One that HTTP does not have.
            AttributeKey.stringKey("http.request.method_original"));

    private static final String INSTEAD = "REDACTED";

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
        for (AttributeKey<String> address : ADDRESSES) {
            if (span.getAttribute(address) != null) {
                span.setAttribute(address, INSTEAD);
            }
        }
    }

    @Override
    public boolean isStartRequired() {
        return true;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        // Nothing of an address comes in later.
    }

    @Override
    public boolean isEndRequired() {
        return false;
    }
}
