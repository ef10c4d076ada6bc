package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import io.quarkus.smallrye.openapi.OpenApiFilter.RunStage;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.responses.APIResponses;

/**
 * Adds the errors that any operation can answer with to every operation of the OpenAPI document, and the form of a
 * problem, with an example, to every error. So an operation describes only the errors that are its own, each with a
 * sentence. What many operations answer with is described once, under the name of its code: the document is read, and
 * written in both formats, at every start of the service.
 */
@OpenApiFilter(stages = RunStage.BUILD)
public class ErrorAnswers implements OASFilter {
    private static final Set<ProblemCode> OF_ANY_OPERATION = EnumSet.of(
            ProblemCode.UNAUTHENTICATED,
            ProblemCode.FORBIDDEN,
            ProblemCode.NOT_ACCEPTABLE,
            ProblemCode.INVALID_REQUEST,
            ProblemCode.TOO_MANY_REQUESTS,
            ProblemCode.INTERNAL_ERROR,
            ProblemCode.STORE_UNAVAILABLE);

    /** What is answered before an operation is found. */
    private static final Set<ProblemCode> OF_NO_OPERATION =
            EnumSet.of(ProblemCode.NOT_FOUND, ProblemCode.METHOD_NOT_ALLOWED);

    private static final Set<ProblemCode> OF_BODIES =
            EnumSet.of(ProblemCode.MALFORMED_REQUEST, ProblemCode.BODY_TOO_LARGE, ProblemCode.UNSUPPORTED_MEDIA_TYPE);

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Components components = document.getComponents();
        Stream.of(OF_ANY_OPERATION, OF_BODIES, EnumSet.of(ProblemCode.REQUEST_UNDER_WAY))
                .flatMap(Set::stream)
                .forEach(code -> components.addResponse(
                        code.name(),
                        OASFactory.createAPIResponse()
                                .description(code.detail())
                                .content(problem(code))));
    }

    @Override
    public PathItem filterPathItem(PathItem path) {
        path.getOperations().values().forEach(ErrorAnswers::describe);
        return path;
    }

    private static void describe(Operation operation) {
        APIResponses answers = operation.getResponses();
        OF_ANY_OPERATION.forEach(code -> addIfAbsent(answers, code));
        if (operation.getRequestBody() != null) {
            OF_BODIES.forEach(code -> addIfAbsent(answers, code));
        }
        answers.getAPIResponses().forEach((status, answer) -> {
            if (isError(status) && answer.getRef() == null && answer.getContent() == null) {
                answer.setContent(problem(code(Integer.parseInt(status), answer.getDescription())));
            }
        });
    }

    private static void addIfAbsent(APIResponses answers, ProblemCode code) {
        String status = String.valueOf(code.status());
        if (!answers.hasAPIResponse(status)) {
            answers.addAPIResponse(status, shared(code));
        }
    }

    /** The error that is described once for all operations that answer with it. */
    static APIResponse shared(ProblemCode code) {
        return OASFactory.createAPIResponse().ref(code.name());
    }

    private static boolean isError(String status) {
        return status.startsWith("4") || status.startsWith("5");
    }

    /** What an operation's error with this description has as its code. */
    private static ProblemCode code(int status, String description) {
        List<ProblemCode> candidates = Stream.of(ProblemCode.values())
                .filter(code -> code.status() == status)
                .filter(code -> !OF_NO_OPERATION.contains(code))
                .toList();
        return candidates.stream()
                .filter(code -> code.detail().equals(description))
                .findFirst()
                .orElseGet(candidates::getFirst);
    }

    /** The form of every error. */
    private static Content problem(ProblemCode code) {
        return OASFactory.createContent()
                .addMediaType(
                        ProblemJson.MEDIA_TYPE,
                        OASFactory.createMediaType()
                                .schema(OASFactory.createSchema().ref("Problem"))
                                .example(example(code)));
    }

    /** As it is answered. */
    private static Map<?, ?> example(ProblemCode code) {
        List<Fault> errors = code == ProblemCode.INVALID_REQUEST
                ? List.of(Fault.ofParameter("customer_id", "must not be empty"))
                : null;
        return new JsonMapper().convertValue(ProblemJson.of(code, code.detail(), errors), Map.class);
    }
}
