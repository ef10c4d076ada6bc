package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.AccessScope;

/** What the caller may do is not enough for what stands in the request. */
final class MissingScopeException extends RuntimeException {
    private final AccessScope scope;

    MissingScopeException(AccessScope scope) {
        super("A scope is missing: " + scope.word());
        this.scope = scope;
    }

    AccessScope scope() {
        return scope;
    }
}
