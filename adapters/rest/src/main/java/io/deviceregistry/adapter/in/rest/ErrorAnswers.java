package io.deviceregistry.adapter.in.rest;

import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;

/** Adds the errors that any operation can answer with to every operation of the OpenAPI document. */
public class ErrorAnswers implements OASFilter {
    private static final Map<Integer, String> OF_ANY_OPERATION = Map.of(
            401, "No valid API key",
            422, "A value in path or body is not valid",
            500, "The registry failed",
            503, "The database is not available");

    private static final Map<Integer, String> OF_WRITES =
            Map.of(400, "The body is not well-formed JSON", 413, "The body is too large", 415, "The body is not JSON");

    @Override
    public PathItem filterPathItem(PathItem path) {
        path.getOperations().values().forEach(ErrorAnswers::describe);
        return path;
    }

    private static void describe(Operation operation) {
        OF_ANY_OPERATION.forEach((status, description) -> describe(operation, status, description));
        if (operation.getRequestBody() != null) {
            OF_WRITES.forEach((status, description) -> describe(operation, status, description));
        }
    }

    private static void describe(Operation operation, int status, String description) {
        operation
                .getResponses()
                .addAPIResponse(
                        String.valueOf(status),
                        OASFactory.createAPIResponse()
                                .description(description)
                                .content(OASFactory.createContent()
                                        .addMediaType(
                                                ProblemJson.MEDIA_TYPE,
                                                OASFactory.createMediaType()
                                                        .schema(OASFactory.createSchema()
                                                                .ref("#/components/schemas/Problem")))));
    }
}
