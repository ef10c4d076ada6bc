package io.deviceregistry.adapter.in.rest;

import io.quarkus.security.PermissionsAllowed;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import io.quarkus.smallrye.openapi.OpenApiFilter.RunStage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.security.SecurityRequirement;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.MethodInfo;

/** Says in the OpenAPI document which scopes an operation needs, as its method says to the framework. */
@OpenApiFilter(stages = RunStage.BUILD)
public class RequiredScopes implements OASFilter {
    private static final DotName ALLOWED = DotName.createSimple(PermissionsAllowed.class);
    private static final DotName OPERATION =
            DotName.createSimple(org.eclipse.microprofile.openapi.annotations.Operation.class);

    private final IndexView index;

    public RequiredScopes(IndexView index) {
        this.index = index;
    }

    @Override
    public void filterOpenAPI(OpenAPI api) {
        Map<String, List<String>> scopes = scopesByOperation();
        api.getPaths()
                .getPathItems()
                .values()
                .forEach(path -> path.getOperations()
                        .values()
                        .forEach(operation -> operation.setSecurity(
                                scopes.getOrDefault(operation.getOperationId(), List.of()).stream()
                                        .flatMap(RequiredScopes::requirements)
                                        .toList())));
    }

    /** Of several requirements one is to be satisfied: OpenAPI 3.1, "Operation Object". */
    private static Stream<SecurityRequirement> requirements(String scope) {
        return Stream.of("key", "bearer")
                .map(scheme -> OASFactory.createSecurityRequirement().addScheme(scheme, scope));
    }

    private Map<String, List<String>> scopesByOperation() {
        Map<String, List<String>> scopes = new HashMap<>();
        for (AnnotationInstance operation : index.getAnnotations(OPERATION)) {
            MethodInfo method = operation.target().asMethod();
            AnnotationInstance own = method.declaredAnnotation(ALLOWED);
            AnnotationInstance allowed = own == null ? method.declaringClass().declaredAnnotation(ALLOWED) : own;
            scopes.put(
                    operation.value("operationId").asString(),
                    List.of(allowed.value().asStringArray()));
        }
        return scopes;
    }
}
