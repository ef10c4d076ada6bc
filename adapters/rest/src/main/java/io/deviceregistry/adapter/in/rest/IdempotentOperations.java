package io.deviceregistry.adapter.in.rest;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import io.quarkus.smallrye.openapi.OpenApiFilter.RunStage;
import java.util.Set;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/** Describes the header {@code Idempotency-Key}, and what it can lead to, for every POST that writes. */
@OpenApiFilter(stages = RunStage.BUILD)
public class IdempotentOperations implements OASFilter {

    private static final Set<String> WITHOUT_KEY = Set.of(
            SearchResource.OPERATION,
            ReconcileResource.OPERATION,
            ApiKeyResource.ISSUE,
            ImportResource.OPERATION,
            LookupKeyResource.ROTATE);

    @Override
    public PathItem filterPathItem(PathItem path) {
        Operation post = path.getPOST();
        // Some only read: filters are in a body because a token must not be in a URL. Two do no more when they are
        // repeated, nor does an import, and what one answers must not be told twice.
        if (post != null && !WITHOUT_KEY.contains(post.getOperationId())) {
            describe(post);
        }
        return path;
    }

    private static void describe(Operation operation) {
        operation.addParameter(OASFactory.createParameter()
                .name(IdempotentAnswers.HEADER)
                .in(Parameter.In.HEADER)
                .description("The caller's name of this request, 1 to 255 visible characters: when it is repeated, it "
                        + "is answered as the first time and takes effect once.")
                .schema(OASFactory.createSchema().addType(SchemaType.STRING)));
        operation
                .getResponses()
                .addAPIResponse(
                        String.valueOf(ProblemCode.REQUEST_UNDER_WAY.status()),
                        ErrorAnswers.shared(ProblemCode.REQUEST_UNDER_WAY));
    }
}
