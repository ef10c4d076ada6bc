package io.deviceregistry.adapter.in.rest;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.RequestBody;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/** Which named schemas of an OpenAPI document the bodies of its operations consist of, at any depth. */
final class SchemaUse {
    private static final String REFERENCE = "#/components/schemas/";

    private final Map<String, Schema> schemas;
    private final Set<String> used = new HashSet<>();

    private SchemaUse(OpenAPI api, Function<Operation, Stream<Content>> bodies) {
        schemas = api.getComponents().getSchemas();
        api.getPaths().getPathItems().values().stream()
                .flatMap(path -> path.getOperations().values().stream())
                .flatMap(bodies)
                .filter(Objects::nonNull)
                .flatMap(content -> content.getMediaTypes().values().stream())
                .forEach(type -> add(type.getSchema()));
    }

    static Set<String> inRequests(OpenAPI api) {
        return new SchemaUse(
                        api,
                        operation ->
                                Stream.ofNullable(operation.getRequestBody()).map(RequestBody::getContent))
                .used;
    }

    static Set<String> inAnswers(OpenAPI api) {
        return new SchemaUse(
                        api,
                        operation -> operation.getResponses().getAPIResponses().values().stream()
                                .map(APIResponse::getContent))
                .used;
    }

    private void add(@Nullable Schema schema) {
        if (schema == null) {
            return;
        }
        if (schema.getRef() != null) {
            String name = schema.getRef().substring(REFERENCE.length());
            if (used.add(name)) {
                add(schemas.get(name));
            }
        }
        add(schema.getItems());
        add(schema.getAdditionalPropertiesSchema());
        addAll(schema.getProperties() == null ? null : schema.getProperties().values());
        addAll(schema.getAllOf());
        addAll(schema.getAnyOf());
        addAll(schema.getOneOf());
    }

    private void addAll(@Nullable Collection<Schema> parts) {
        Objects.requireNonNullElse(parts, List.<Schema>of()).forEach(this::add);
    }
}
