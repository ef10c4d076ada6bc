package io.deviceregistry.adapter.out.opentelemetry;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A span in the form of the header {@code traceparent} of W3C Trace Context. */
final class TraceParent {
    private static final Pattern FORM = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

    private TraceParent() {}

    static String of(SpanContext span) {
        return "00-" + span.getTraceId() + "-" + span.getSpanId() + "-"
                + span.getTraceFlags().asHex();
    }

    /** Empty if it is none. */
    static Optional<SpanContext> parse(String text) {
        Matcher parts = FORM.matcher(text);
        return parts.matches()
                ? Optional.of(SpanContext.createFromRemoteParent(
                                parts.group(1),
                                parts.group(2),
                                TraceFlags.fromHex(parts.group(3), 0),
                                TraceState.getDefault()))
                        .filter(SpanContext::isValid)
                : Optional.empty();
    }
}
