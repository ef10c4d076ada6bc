package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request.Method;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.ValidationReport;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever reads the OpenAPI document sees of every request and of every answer what one looks like. */
class OpenApiExamplesIT {
    private static Deployment deployment;
    private static JsonNode document;
    private static OpenApiInteractionValidator validator;

    @BeforeAll
    static void start() throws Exception {
        deployment = new Deployment();
        document = deployment.start().get("/q/openapi?format=json").json();
        validator = OpenApiInteractionValidator.createForInlineApiSpecification(document.toString())
                .build();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private interface Check {
        void operation(String path, Method method, JsonNode operation);
    }

    private static void eachOperation(Check check) {
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            String concrete = path.getKey()
                    .replace("{customer_id}", "0000")
                    .replaceAll("\\{\\w+}", "018c7737-0ab2-78f7-ba75-1710dd8fe631");
            for (Method method : Method.values()) {
                JsonNode operation = path.getValue().path(method.name().toLowerCase(Locale.ROOT));
                if (operation.isObject()) {
                    check.operation(concrete, method, operation);
                }
            }
        }
    }

    /** Its own, or its schema's. */
    private static JsonNode example(JsonNode content) {
        return content.has("example")
                ? content.path("example")
                : resolved(content.path("schema")).at("/examples/0");
    }

    /** What it refers to, if it is a reference. */
    private static JsonNode resolved(JsonNode object) {
        return object.has("$ref") ? document.at(object.path("$ref").asText().substring(1)) : object;
    }

    @Test
    void every_request_with_a_body_has_an_example_that_is_accepted() {
        eachOperation((path, method, operation) -> {
            JsonNode content = operation.at("/requestBody/content/application~1json");
            if (content.isObject()) {
                ValidationReport report = validator.validateRequest(new SimpleRequest.Builder(method, path)
                        .withHeader("X-Authorization", "key")
                        .withContentType("application/json")
                        .withBody(example(content).toString())
                        .build());

                assertThat(example(content).isObject())
                        .as("%s %s", method, path)
                        .isTrue();
                assertThat(report.getMessages()).as("%s %s", method, path).isEmpty();
            }
        });
    }

    @Test
    void every_answer_with_a_body_has_an_example_that_is_one() {
        eachOperation((path, method, operation) -> operation.path("responses").properties().stream()
                .map(answer -> Map.entry(answer.getKey(), resolved(answer.getValue())))
                .filter(answer -> answer.getValue().has("content"))
                // An export is lines, and no JSON as a whole.
                .filter(answer -> !answer.getValue().path("content").has("text/csv"))
                .forEach(answer -> {
                    Map.Entry<String, JsonNode> content = answer.getValue()
                            .path("content")
                            .properties()
                            .iterator()
                            .next();
                    JsonNode example = example(content.getValue());
                    ValidationReport report = validator.validateResponse(
                            path,
                            method,
                            SimpleResponse.Builder.status(Integer.parseInt(answer.getKey()))
                                    .withContentType(content.getKey())
                                    .withBody(example.toString())
                                    .build());

                    String described = "%s %s %s".formatted(method, path, answer.getKey());
                    assertThat(example.isObject()).as(described).isTrue();
                    assertThat(report.getMessages()).as(described).isEmpty();
                    if (Integer.parseInt(answer.getKey()) >= 400) {
                        assertThat(example.path("status").asText())
                                .as(described)
                                .isEqualTo(answer.getKey());
                    }
                }));
    }

    @Test
    void an_error_is_shown_with_the_code_that_the_operation_gives() {
        JsonNode paths = document.path("paths");
        assertThat(code(paths, "/v1/customers/{customer_id}", "get", "404")).isEqualTo("CUSTOMER_NOT_FOUND");
        assertThat(code(paths, "/v1/customers/{customer_id}/devices", "patch", "404"))
                .isEqualTo("DEVICE_NOT_FOUND");
        assertThat(code(paths, "/v1/erasures/{erasure_id}", "get", "404")).isEqualTo("ERASURE_NOT_FOUND");
        assertThat(code(paths, "/v1/changes", "get", "410")).isEqualTo("CHANGES_GONE");
        assertThat(code(paths, "/v1/devices:batch", "post", "409")).isEqualTo("REQUEST_UNDER_WAY");
        assertThat(code(paths, "/v1/devices:batch", "post", "413")).isEqualTo("BODY_TOO_LARGE");
    }

    private static String code(JsonNode paths, String path, String method, String status) {
        return resolved(paths.path(path).path(method).path("responses").path(status))
                .at("/content/application~1problem+json/example/code")
                .asText();
    }
}
