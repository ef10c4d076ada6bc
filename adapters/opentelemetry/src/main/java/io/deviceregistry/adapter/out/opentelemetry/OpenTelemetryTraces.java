package io.deviceregistry.adapter.out.opentelemetry;

import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.port.out.Traces;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * A round of the sync is a trace of its own, with a link to each request that led to it: it may be hours later, be repeated,
 * and be one round for many requests, so it is nobody's part.
 */
@ApplicationScoped
class OpenTelemetryTraces implements Traces {
    private static final AttributeKey<String> PROVIDER = AttributeKey.stringKey("registry.provider");
    private static final AttributeKey<Long> DEVICES = AttributeKey.longKey("registry.devices");
    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

    private final Tracer tracer;
    private final boolean on;

    OpenTelemetryTraces(Tracer tracer, @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean disabled) {
        this.tracer = tracer;
        this.on = !disabled;
    }

    @Override
    public @Nullable String current() {
        if (!on) {
            return null;
        }
        SpanContext span = Span.current().getSpanContext();
        return span.isValid() ? TraceParent.of(span) : null;
    }

    @Override
    public <T> T following(SyncLease lease, Supplier<T> work) {
        return on ? followed(lease, work) : work.get();
    }

    private <T> T followed(SyncLease lease, Supplier<T> work) {
        SpanBuilder round = tracer.spanBuilder("sync " + lease.provider())
                .setNoParent()
                .setSpanKind(SpanKind.CONSUMER)
                .setAttribute(PROVIDER, lease.provider().value())
                .setAttribute(DEVICES, (long) lease.tasks().size());
        lease.tasks().stream()
                .map(SyncTask::origin)
                .filter(Objects::nonNull)
                .distinct()
                .flatMap(origin -> TraceParent.parse(origin).stream())
                .forEach(round::addLink);
        Span span = round.startSpan();
        try (Scope _ = span.makeCurrent()) {
            return work.get();
        } catch (RuntimeException e) {
            // Its message may hold anything.
            span.setStatus(StatusCode.ERROR)
                    .setAttribute(ERROR_TYPE, e.getClass().getName());
            throw e;
        } finally {
            span.end();
        }
    }
}
