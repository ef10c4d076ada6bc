package io.deviceregistry.adapter.in.rest;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Refuses addresses that the framework would read as another path than the caller wrote. */
class PathGuard {

    /** A semicolon begins matrix parameters, which are cut off: {@code alice;bob} would become {@code alice}. */
    @ServerRequestFilter(preMatching = true)
    void refuseMatrixParameters(HttpServerRequest request) {
        if (request.uri().contains(";")) {
            throw new InvalidRequestException(
                    List.of(Fault.ofParameter("path", "must not contain a semicolon, nor the query")));
        }
    }
}
