package io.deviceregistry.adapter.in.rest;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Refuses addresses that the framework would read as another path than the caller wrote. */
class PathGuard {
    /**
     * A path that has a segment which is empty, or one or two dots, encoded or not; the root aside. An empty one is what
     * becomes of an id that was left out, and what follows it would be taken for something else.
     */
    private static final Pattern TREACHEROUS =
            Pattern.compile("(?!/(?:[?#]|\\z))[^?#]*/(?:\\.|%2e){0,2}(?:[/?#]|\\z)", Pattern.CASE_INSENSITIVE);

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
        if (TREACHEROUS.matcher(request.uri()).lookingAt()) {
            throw refused("must not have a segment that is empty, '.' or '..', encoded or not");
        }
    }

    private static InvalidRequestException refused(String rule) {
        return new InvalidRequestException(List.of(Fault.ofParameter("path", rule)));
    }
}
