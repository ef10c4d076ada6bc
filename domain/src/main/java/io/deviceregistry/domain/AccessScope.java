package io.deviceregistry.domain;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What a caller may be allowed to do. The words are a part of every interface; never rename one. */
public enum AccessScope {
    DEVICES_READ("devices:read"),
    DEVICES_WRITE("devices:write"),
    /** Everything that reads devices across customers. */
    DEVICES_SEARCH("devices:search"),
    CUSTOMERS_READ("customers:read"),
    CUSTOMERS_WRITE("customers:write"),
    CUSTOMERS_ERASE("customers:erase"),
    SYNC_READ("sync:read"),
    SYNC_OPERATE("sync:operate"),
    IMPORTS("imports"),
    KEYS_MANAGE("keys:manage");

    private final String word;

    AccessScope(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** @throws InvalidValueException if no scope has this word */
    public static AccessScope parse(String word) {
        return Arrays.stream(values())
                .filter(scope -> scope.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new InvalidValueException("must be one of "
                        + Arrays.stream(values()).map(AccessScope::word).collect(Collectors.joining(", "))));
    }
}
