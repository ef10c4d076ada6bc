package io.deviceregistry.adapter.in.rest;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * Lets nothing that callers write become a label of a metric. What is answered before an operation is found, such as a 405
 * or a refusal for overload, would be counted under its path as it was sent: that may hold a token, and each other path
 * would make another series, until there is no room for those of the operations.
 */
@ApplicationScoped
class MetricLabels {
    private static final String OF_SERVER = "http.server.";
    private static final String URI = "uri";
    private static final String METHOD = "method";
    private static final String STATUS = "status";
    private static final String NOT_FOUND = "NOT_FOUND";

    /** What the framework says instead of a path. */
    private static final Set<String> CONSTANTS =
            Set.of(NOT_FOUND, "REDIRECTION", "root", Operations.UNKNOWN, "/cors-preflight");

    private final Operations operations;

    MetricLabels(Operations operations) {
        this.operations = operations;
    }

    @Produces
    @Singleton
    MeterFilter fewLabels() {
        return new MeterFilter() {
            // Micrometer remembers what became of labels with which a meter began, so this is called for few others.
            @Override
            public Meter.Id map(Meter.Id id) {
                return id.getName().startsWith(OF_SERVER) ? withFewLabels(id) : id;
            }
        };
    }

    private Meter.Id withFewLabels(Meter.Id id) {
        String uri = id.getTag(URI);
        String method = id.getTag(METHOD);
        if (uri == null || method == null) {
            return id;
        }
        boolean isKnownUri = operations.isTemplate(uri) || CONSTANTS.contains(uri);
        String knownMethod = Operations.methodOrUnknown(method);
        if (isKnownUri && knownMethod.equals(method)) {
            return id;
        }
        return id.replaceTags(Tags.of(id.getTagsAsIterable())
                .and(
                        URI,
                        isKnownUri ? uri : operations.templateOf(uri).orElseGet(() -> withoutOperation(id)),
                        METHOD,
                        knownMethod));
    }

    private static String withoutOperation(Meter.Id id) {
        return "404".equals(id.getTag(STATUS)) ? NOT_FOUND : Operations.UNKNOWN;
    }
}
