package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.sandbox.bunce.Behaviour;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What a request leads to can be followed to Bunce, also where that is later. */
class TracesIT {
    private static final String CALLERS_TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLERS_SPAN = "b7ad6b7169203331";
    private static final String TRACE_PARENT = "00-" + CALLERS_TRACE + "-" + CALLERS_SPAN + "-01";
    private static final String REGISTRATION = "POST /v1/customers/{customer_id}/devices";
    private static final String DEVICES = "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"t\"}]}";

    /** What the requests to Bunce had as their {@code traceparent}; without one, an empty text. */
    private final List<String> traceParents = new CopyOnWriteArrayList<>();

    @Test
    void given_a_callers_trace_when_bunce_is_told_then_the_call_is_linked_to_it_also_where_it_is_late()
            throws Exception {
        try (TraceCollector collector = new TraceCollector();
                Deployment deployment = collector.of(new Deployment())) {
            HttpServer before = beforeBunce(deployment);
            RegistryClient registry = started(deployment, before);
            registry.post("/v1/sync:pause", "{\"provider\":\"bunce\"}");
            String device = register(registry, "traced").deviceId();
            registry.post("/v1/sync:resume", "{\"provider\":\"bunce\"}");
            registry.awaitSync("traced", device, "SYNCED");

            Span call = span(collector, "POST /customers/{customer_id}/devices");
            Span round = span(collector, "sync bunce");
            Span request = span(collector, REGISTRATION);
            assertThat(hex(request.getTraceId())).isEqualTo(CALLERS_TRACE);
            assertThat(hex(request.getParentSpanId())).isEqualTo(CALLERS_SPAN);
            assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
            assertThat(round.getParentSpanId().isEmpty()).isTrue();
            assertThat(hex(round.getTraceId())).isNotEqualTo(CALLERS_TRACE);
            assertThat(round.getLinksList()).singleElement().satisfies(link -> {
                assertThat(link.getTraceId()).isEqualTo(request.getTraceId());
                assertThat(link.getSpanId()).isEqualTo(request.getSpanId());
            });
            assertThat(call.getTraceId()).isEqualTo(round.getTraceId());
            assertThat(call.getParentSpanId()).isEqualTo(round.getSpanId());
            assertThat(call.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
            assertThat(traceParents)
                    .containsExactly("00-" + hex(call.getTraceId()) + "-" + hex(call.getSpanId()) + "-01");
            assertThat(collector.bytes()).doesNotContain("customers/traced", Deployment.API_KEY, Deployment.BUNCE_KEY);
            before.stop(0);
        }
    }

    @Test
    void given_a_trace_when_something_is_logged_then_the_line_names_it() throws Exception {
        try (TraceCollector collector = new TraceCollector();
                Deployment deployment =
                        collector.of(new Deployment()).with("QUARKUS_HTTP_ACCESS_LOG_ENABLED", "true")) {
            register(deployment.start(), "logged");

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(deployment.log().lines())
                            .anyMatch(line -> line.contains("\"message\":\"127.0.0.1 bootstrap \\\"" + REGISTRATION)
                                    && Deployment.json(line)
                                            .at("/mdc/traceId")
                                            .asText()
                                            .equals(CALLERS_TRACE)));
        }
    }

    @Test
    void given_that_nobody_records_traces_then_none_are_made_or_kept() throws Exception {
        try (Deployment deployment = new Deployment()) {
            HttpServer before = beforeBunce(deployment);
            RegistryClient registry = started(deployment, before);
            deployment.bunce().behave(Behaviour.normal().withRequestsPerMinute(0));
            String device = register(registry, "untraced").deviceId();
            registry.awaitSync("untraced", device, "SYNCED");

            assertThat(traceParents).containsExactly("");
            try (Connection connection = deployment.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select count(*), count(traceparent) from device_sync")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(1);
                assertThat(row.getInt(2)).isZero();
            }
            before.stop(0);
        }
    }

    private static RegistryClient started(Deployment deployment, HttpServer beforeBunce) {
        return deployment
                .with(
                        "REGISTRY_BUNCE_BASE_URL",
                        "http://127.0.0.1:" + beforeBunce.getAddress().getPort() + "/v1")
                .start();
    }

    /** As a part of the caller's trace. */
    private static Answer register(RegistryClient registry, String customer) throws IOException, InterruptedException {
        return registry.post("/v1/customers/" + customer + "/devices", DEVICES, "traceparent", TRACE_PARENT);
    }

    /** The only one of its name. */
    private static Span span(TraceCollector collector, String name) {
        List<Span> spans = await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> collector.spans().stream()
                                .filter(span -> span.getName().equals(name))
                                .toList(),
                        found -> !found.isEmpty());
        assertThat(spans).hasSize(1);
        return spans.getFirst();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    /** Passes requests on to Bunce, and notes which trace they are parts of. */
    private HttpServer beforeBunce(Deployment deployment) throws IOException {
        HttpClient http = HttpClient.newHttpClient();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                traceParents.add(
                        Optional.ofNullable(exchange.getRequestHeaders().getFirst("traceparent"))
                                .orElse(""));
                HttpResponse<byte[]> answer =
                        http.send(passedOn(exchange, deployment.bunce().baseUrl()), BodyHandlers.ofByteArray());
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
                exchange.getResponseBody().write(answer.body());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        return server;
    }

    private static HttpRequest passedOn(HttpExchange exchange, URI bunce) throws IOException {
        return HttpRequest.newBuilder(bunce.resolve(exchange.getRequestURI()))
                .header("X-Authorization", exchange.getRequestHeaders().getFirst("X-Authorization"))
                .header("Content-Type", "application/json")
                .method(
                        exchange.getRequestMethod(),
                        BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
                .build();
    }
}
