package io.deviceregistry.adapter.in.rest;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Refuses addresses that the framework would read as another path than the caller wrote. */
class PathGuard {
    private static final Pattern QUERY = Pattern.compile("[?#].*", Pattern.DOTALL);

    /** An empty one is what becomes of an id that was left out, and what follows it would be taken for something else. */
    private static final Set<String> TREACHEROUS_SEGMENTS = Set.of("", ".", "..");

    /** What hardly any address has, and each with such a segment, unless it is the last one and empty. */
    private static final List<String> TREACHEROUS = List.of("//", "/.", "/%2", "/?", "/#");

    /** A semicolon begins matrix parameters, which are cut off: {@code alice;bob} would become {@code alice}. */
    @ServerRequestFilter(preMatching = true)
    void refuseMatrixParameters(HttpServerRequest request) {
        if (request.uri().contains(";")) {
            throw refused("must not contain a semicolon, nor the query");
        }
    }

    /** Dot segments are resolved: {@code alice/devices/..} would be {@code alice}. */
    @ServerRequestFilter(preMatching = true)
    void refuseTreacherousSegments(HttpServerRequest request) {
        if (TREACHEROUS.stream().noneMatch(request.uri()::contains)
                && !request.uri().endsWith("/")) {
            return;
        }
        String path = QUERY.matcher(request.uri()).replaceFirst("").toLowerCase(Locale.ROOT);
        if (!path.equals("/")
                && Stream.of(path.split("/", -1))
                        .skip(1)
                        .map(segment -> segment.replace("%2e", "."))
                        .anyMatch(TREACHEROUS_SEGMENTS::contains)) {
            throw refused("must not have a segment that is empty, '.' or '..', encoded or not");
        }
    }

    private static InvalidRequestException refused(String rule) {
        return new InvalidRequestException(List.of(Fault.ofParameter("path", rule)));
    }
}
