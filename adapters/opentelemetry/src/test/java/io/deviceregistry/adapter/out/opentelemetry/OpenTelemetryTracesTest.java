package io.deviceregistry.adapter.out.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.Profile;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is recorded of requests and rounds. */
class OpenTelemetryTracesTest {
    private final InMemorySpanExporter recorded = InMemorySpanExporter.create();
    private final Tracer tracer = SdkTracerProvider.builder()
            .addSpanProcessor(new Addresses())
            .addSpanProcessor(SimpleSpanProcessor.create(recorded))
            .build()
            .get("test");
    private final OpenTelemetryTraces traces = new OpenTelemetryTraces(tracer, false);

    private static SyncLease lease(@Nullable String... origins) {
        return new SyncLease(
                UUID.randomUUID(),
                Examples.aProvider(),
                Examples.aCustomer(),
                Profile.NONE,
                Arrays.stream(origins).map(OpenTelemetryTracesTest::task).toList());
    }

    private static SyncTask task(@Nullable String origin) {
        Device device = Examples.register(
                        new InMemoryRegistry(InstantSource.system()),
                        Examples.aCustomer(),
                        List.of(Examples.android(Examples.aToken())),
                        Set.of())
                .getFirst()
                .device();
        return new SyncTask(device, 1, null, false, false, 0, 0, List.of(), origin);
    }

    /** A request, and what is kept of it. */
    private String request() {
        Span request = tracer.spanBuilder("request").startSpan();
        try (Scope _ = request.makeCurrent()) {
            return String.valueOf(traces.current());
        } finally {
            request.end();
        }
    }

    private SpanContext lastRequest() {
        return recorded.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals("request"))
                .toList()
                .getLast()
                .getSpanContext();
    }

    private SpanData round() {
        return recorded.getFinishedSpanItems().getLast();
    }

    @Test
    void given_nothing_that_is_followed_then_there_is_no_origin() {
        assertThat(traces.current()).isNull();
    }

    @Test
    void given_requests_when_a_round_follows_then_it_is_linked_to_each_once_and_is_nobodys_part() {
        String one = request();
        SpanContext first = lastRequest();
        String other = request();
        SpanContext second = lastRequest();
        SyncLease lease =
                lease(one, other, one, null, "rubbish", "00-" + "0".repeat(32) + "-" + "0".repeat(16) + "-01");

        Span surrounding = tracer.spanBuilder("surrounding").startSpan();
        String within;
        try (Scope _ = surrounding.makeCurrent()) {
            within = traces.following(
                    lease, () -> Span.current().getSpanContext().getSpanId());
        }

        assertThat(round().getName()).isEqualTo("sync " + lease.provider());
        assertThat(round().getSpanId()).isEqualTo(within);
        assertThat(round().getParentSpanContext().isValid()).isFalse();
        assertThat(round().getLinks())
                .extracting(LinkData::getSpanContext)
                .extracting(SpanContext::getTraceId, SpanContext::getSpanId)
                .containsExactly(
                        tuple(first.getTraceId(), first.getSpanId()), tuple(second.getTraceId(), second.getSpanId()));
        assertThat(round().getAttributes().asMap())
                .containsOnly(
                        entry(
                                AttributeKey.stringKey("registry.provider"),
                                lease.provider().value()),
                        entry(AttributeKey.longKey("registry.devices"), 6L));
    }

    @Test
    void given_a_failure_when_a_round_follows_then_it_says_so_but_not_in_the_failures_words() {
        assertThatThrownBy(() -> traces.following(lease(), () -> {
                    throw new IllegalStateException("secret");
                }))
                .hasMessage("secret");

        assertThat(round().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(round().toString()).contains("IllegalStateException").doesNotContain("secret");
    }

    @Test
    void given_that_it_is_off_then_nothing_is_recorded_or_kept() {
        OpenTelemetryTraces off = new OpenTelemetryTraces(tracer, true);
        Span request = tracer.spanBuilder("request").startSpan();

        try (Scope _ = request.makeCurrent()) {
            assertThat(off.current()).isNull();
            assertThat(off.following(lease("00-x"), () -> "done")).isEqualTo("done");
        }

        assertThat(recorded.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void given_addresses_then_none_is_recorded() {
        tracer.spanBuilder("call")
                .setAttribute("url.full", "https://example.com/secret")
                .setAttribute("url.path", "/secret")
                .setAttribute("url.query", "token=secret")
                .setAttribute("http.route", "/{id}")
                .startSpan()
                .end();

        assertThat(round().getAttributes().toString()).contains("/{id}").doesNotContain("secret", "example");
    }
}
