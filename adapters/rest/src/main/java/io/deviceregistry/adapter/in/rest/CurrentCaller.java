package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.AccessScope;
import io.deviceregistry.domain.Caller;
import io.quarkus.security.StringPermission;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.RequestScoped;

/** Whose request it is, and what they may do. */
@RequestScoped
class CurrentCaller {
    private final SecurityIdentity identity;

    CurrentCaller(SecurityIdentity identity) {
        this.identity = identity;
    }

    boolean isKnown() {
        return !identity.isAnonymous();
    }

    Caller caller() {
        return new Caller(identity.getPrincipal().getName());
    }

    /** @throws MissingScopeException if they may not do this */
    void require(AccessScope scope) {
        String[] nameAndAction = scope.word().split(":", 2);
        StringPermission permission = nameAndAction.length == 1
                ? new StringPermission(nameAndAction[0])
                : new StringPermission(nameAndAction[0], nameAndAction[1]);
        if (!identity.checkPermissionBlocking(permission)) {
            throw new MissingScopeException(scope);
        }
    }
}
