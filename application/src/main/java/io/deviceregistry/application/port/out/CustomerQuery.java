package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.CustomerId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which customers are listed: those that satisfy all that is not null.
 *
 * @param ids any of these
 * @param emails any of these, in this very spelling
 * @param after only customers whose id follows this one, in the order of bytes
 * @param limit at most so many in a page; at least 1
 */
public record CustomerQuery(
        @Nullable Set<CustomerId> ids,
        @Nullable Set<String> emails,
        @Nullable CustomerId after,
        int limit) {}
