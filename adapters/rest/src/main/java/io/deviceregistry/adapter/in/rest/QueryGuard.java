package io.deviceregistry.adapter.in.rest;

import jakarta.ws.rs.core.UriInfo;
import java.util.Arrays;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.SimpleResourceInfo;

/**
 * Refuses a query where none is read: somebody believes that it means something. Operations that read one take {@link
 * UriInfo} and name its unknown parameters themselves, by {@link QueryParameters}.
 */
class QueryGuard {

    @ServerRequestFilter
    void refuseUnreadQuery(SimpleResourceInfo operation, UriInfo uri) {
        if (!Arrays.asList(operation.parameterTypes()).contains(UriInfo.class)) {
            List<Fault> faults = uri.getQueryParameters().keySet().stream()
                    .sorted()
                    .map(QueryParameters::unknown)
                    .toList();
            if (!faults.isEmpty()) {
                throw new InvalidRequestException(faults);
            }
        }
    }
}
