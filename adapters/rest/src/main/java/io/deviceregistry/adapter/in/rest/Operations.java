package io.deviceregistry.adapter.in.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;

/** What there is: the paths, as templates, and the methods that each takes. */
@Provider
@ApplicationScoped
class Operations implements DynamicFeature {
    /** Stands in logs and metrics for what a caller wrote who meant no operation. */
    static final String UNKNOWN = "UNKNOWN";

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", UNKNOWN);

    /** By template. A template sorts behind another one that has a word where it has a parameter. */
    private final Map<String, Operation> operations = new ConcurrentSkipListMap<>();

    private record Operation(String template, List<String> segments, SortedSet<String> methods) {

        static Operation at(String template) {
            return new Operation(template, split(template), new ConcurrentSkipListSet<>());
        }

        boolean has(List<String> path) {
            if (path.size() != segments.size()) {
                return false;
            }
            for (int i = 0; i < path.size(); i++) {
                String own = segments.get(i);
                if (own.startsWith("{") ? path.get(i).isEmpty() : !own.equals(path.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The framework calls it once for each method of a resource. */
    @Override
    public void configure(ResourceInfo resource, FeatureContext context) {
        String template = path(resource.getResourceClass().getAnnotation(Path.class))
                + path(resource.getResourceMethod().getAnnotation(Path.class));
        Stream.of(resource.getResourceMethod().getAnnotations())
                .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
                .filter(method -> method != null)
                .forEach(method -> operations
                        .computeIfAbsent(template, Operation::at)
                        .methods()
                        .add(method.value()));
    }

    private static String path(Path path) {
        return path == null ? "" : path.value();
    }

    private static List<String> split(String path) {
        return List.of((path.endsWith("/") ? path.substring(0, path.length() - 1) : path).split("/", -1));
    }

    /** For the header {@code Allow} that a 405 must have (RFC 9110, 15.5.6): in their order, and empty if there is no such path. */
    List<String> methodsAt(String path) {
        List<String> segments = split(path);
        return operations.values().stream()
                .filter(operation -> operation.has(segments))
                .flatMap(operation -> operation.methods().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** Such as {@code /v1/customers/{customer_id}/devices}; empty for a path that there is not. */
    Optional<String> templateOf(String path) {
        List<String> segments = split(path);
        for (Operation operation : operations.values()) {
            if (operation.has(segments)) {
                return Optional.of(operation.template());
            }
        }
        return Optional.empty();
    }

    static String methodOrUnknown(String method) {
        return METHODS.contains(method) ? method : UNKNOWN;
    }

    boolean isTemplate(String text) {
        return operations.containsKey(text);
    }
}
