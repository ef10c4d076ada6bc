package io.deviceregistry.bootstrap.e2e;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.Response;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.SimpleValidationReportFormat;
import com.atlassian.oai.validator.report.ValidationReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a service says of itself in its OpenAPI document, to hold its answers against.
 *
 * <p>At a path, and for a method, that the document describes, whatever else it does not describe is a fault: a status, a
 * media type, a member, even if its schema would allow more. (So no schema may be put together with {@code allOf}: each
 * part would refuse the members of the others.) Elsewhere the document promises nothing, and nothing is checked.
 */
final class OpenApiDocument {
    private static final Map<URI, OpenApiDocument> SERVED = new ConcurrentHashMap<>();
    /** Services mostly have the same, which takes long to understand. */
    private static final Map<String, OpenApiDocument> UNDERSTOOD = new ConcurrentHashMap<>();

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Pattern AMPERSAND = Pattern.compile("&");
    private static final Pattern ENCODED_DOT = Pattern.compile("%2e", Pattern.CASE_INSENSITIVE);

    private final OpenApiInteractionValidator validator;

    private OpenApiDocument(String json) {
        validator = OpenApiInteractionValidator.createForInlineApiSpecification(json)
                .withLevelResolver(LevelResolver.create()
                        .withLevel("validation.request.path.missing", ValidationReport.Level.IGNORE)
                        .withLevel("validation.request.operation.notAllowed", ValidationReport.Level.IGNORE)
                        // It does not know that the name of a scheme may be written in any case: RFC 9110, 11.1.
                        .withLevel("validation.request.security.invalid", ValidationReport.Level.IGNORE)
                        .build())
                .build();
    }

    private static final byte[] STREAMED = {'.'};

    /** Fetched once. */
    static OpenApiDocument servedBy(URI service) throws IOException, InterruptedException {
        OpenApiDocument document = SERVED.get(service);
        if (document == null) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(service + "/q/openapi?format=json"))
                    .timeout(Duration.ofSeconds(30))
                    .build();
            document = UNDERSTOOD.computeIfAbsent(
                    HTTP.send(request, BodyHandlers.ofString()).body(), OpenApiDocument::new);
            SERVED.put(service, document);
        }
        return document;
    }

    /**
     * The request is checked only if it was granted: tests may ask for what is not described, and the service may not
     * give it.
     *
     * @throws IllegalStateException if the document does not describe the answer; no AssertionError, because whoever
     *     awaits an answer would go on asking
     */
    void check(HttpResponse<String> answer) {
        SimpleRequest request = request(answer.request());
        // Of a batch with faults (207), the request need not be what is described. A bare array of customers is
        // described
        // in words alone: generators make no type of it and the object together.
        ValidationReport report = answer.statusCode() < 207 && !isArray(request)
                ? validator.validate(request, response(answer))
                : validator.validateResponse(request.getPath(), request.getMethod(), response(answer));
        if (report.hasErrors()) {
            throw new IllegalStateException("Not what the OpenAPI document describes: %s, %s%n%s"
                    .formatted(
                            answer,
                            answer.body(),
                            SimpleValidationReportFormat.getInstance().apply(report)));
        }
    }

    private static boolean isArray(SimpleRequest request) {
        return request.getRequestBody()
                .map(body -> {
                    try {
                        return body.toString(StandardCharsets.UTF_8).startsWith("[");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .orElse(false);
    }

    private static SimpleRequest request(HttpRequest request) {
        // A server resolves dots, even encoded ones, before it looks for the path.
        URI uri = URI.create(ENCODED_DOT.matcher(request.uri().toString()).replaceAll("."))
                .normalize();
        SimpleRequest.Builder builder =
                new SimpleRequest.Builder(Request.Method.valueOf(request.method()), uri.getRawPath());
        request.headers().map().forEach(builder::withHeader);
        Stream.ofNullable(uri.getRawQuery()).flatMap(AMPERSAND::splitAsStream).forEach(parameter -> {
            String[] parts = parameter.split("=", 2);
            builder.withQueryParam(decoded(parts[0]), parts.length == 1 ? "" : decoded(parts[1]));
        });
        request.bodyPublisher().map(OpenApiDocument::bytes).ifPresent(builder::withBody);
        return builder.build();
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static Response response(HttpResponse<String> answer) {
        SimpleResponse.Builder builder = SimpleResponse.Builder.status(answer.statusCode());
        answer.headers().map().forEach(builder::withHeader);
        if (!answer.body().isEmpty()) {
            builder.withBody(answer.body());
            if (answer.headers().firstValue("Content-Type").isEmpty()) {
                // Octets, says RFC 9110, 8.3; the validator would take it for whatever is described.
                builder.withContentType("application/octet-stream");
            }
        }
        return builder.build();
    }

    private static byte[] bytes(BodyPublisher publisher) {
        if (publisher.contentLength() < 0) {
            // A stream: it may have no end, and is of no type whose content is described.
            return STREAMED;
        }
        BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
        publisher.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                bytes.onSubscribe(subscription);
            }

            @Override
            public void onNext(ByteBuffer part) {
                bytes.onNext(List.of(part));
            }

            @Override
            public void onError(Throwable failure) {
                bytes.onError(failure);
            }

            @Override
            public void onComplete() {
                bytes.onComplete();
            }
        });
        return bytes.getBody().toCompletableFuture().join();
    }
}
