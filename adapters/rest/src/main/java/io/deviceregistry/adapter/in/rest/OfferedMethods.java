package io.deviceregistry.adapter.in.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which methods a path takes, for the header {@code Allow} that a 405 must have (RFC 9110, 15.5.6). */
@Provider
@ApplicationScoped
class OfferedMethods implements DynamicFeature {
    private record Offer(Pattern path, String method) {}

    private final List<Offer> offers = new CopyOnWriteArrayList<>();

    /** The framework calls it once for each method of a resource. */
    @Override
    public void configure(ResourceInfo resource, FeatureContext context) {
        String path = path(resource.getResourceClass().getAnnotation(Path.class))
                + path(resource.getResourceMethod().getAnnotation(Path.class));
        Pattern pattern = Pattern.compile(path.replaceAll("\\{\\w+}", "[^/]+") + "/?");
        Stream.of(resource.getResourceMethod().getAnnotations())
                .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
                .filter(method -> method != null)
                .forEach(method -> offers.add(new Offer(pattern, method.value())));
    }

    private static String path(Path path) {
        return path == null ? "" : path.value();
    }

    List<String> at(String path) {
        return offers.stream()
                .filter(offer -> offer.path().matcher(path).matches())
                .map(Offer::method)
                .distinct()
                .sorted()
                .toList();
    }
}
