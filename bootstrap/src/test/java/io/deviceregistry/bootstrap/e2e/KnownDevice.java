package io.deviceregistry.bootstrap.e2e;

import java.util.ArrayList;
import java.util.List;

/** A device as its callers know it, from what they were acknowledged. For one thread at a time. */
final class KnownDevice {
    private final String id;
    private final String customer;
    private final List<String> tokens = new ArrayList<>();
    private boolean active = true;

    KnownDevice(String id, String customer, String token) {
        this.id = id;
        this.customer = customer;
        tokens.add(token);
    }

    String id() {
        return id;
    }

    String customer() {
        return customer;
    }

    /** All that it ever had, the current one last. */
    List<String> tokens() {
        return tokens;
    }

    String token() {
        return tokens.getLast();
    }

    boolean isActive() {
        return active;
    }

    void rotate(String token) {
        tokens.add(token);
    }

    /** Removed, or its token taken by another customer. */
    void end() {
        active = false;
    }
}
