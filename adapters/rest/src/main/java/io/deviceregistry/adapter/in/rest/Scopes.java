package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.AccessScope;
import io.quarkus.security.PermissionsAllowed;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The words of {@link AccessScope}, as annotations want them. */
final class Scopes {
    static final String DEVICES_READ = "devices:read";
    static final String DEVICES_WRITE = "devices:write";
    static final String DEVICES_SEARCH = "devices:search";
    static final String CUSTOMERS_READ = "customers:read";
    static final String CUSTOMERS_WRITE = "customers:write";
    static final String CUSTOMERS_ERASE = "customers:erase";
    static final String SYNC_READ = "sync:read";
    static final String SYNC_OPERATE = "sync:operate";
    static final String IMPORTS = "imports";
    static final String KEYS_MANAGE = "keys:manage";

    private Scopes() {}

    /** Of which a caller of a resource's method needs one. */
    static List<String> of(Method method) {
        return Stream.of(method, method.getDeclaringClass())
                .map(element -> element.getAnnotation(PermissionsAllowed.class))
                .filter(Objects::nonNull)
                .findFirst()
                .map(allowed -> List.of(allowed.value()))
                .orElseGet(List::of);
    }
}
