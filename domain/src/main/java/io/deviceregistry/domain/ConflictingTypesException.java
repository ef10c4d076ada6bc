package io.deviceregistry.domain;

import java.util.List;

/** One request gave two types for one token; nothing of it was stored. */
public final class ConflictingTypesException extends RegistryException {

    private final List<Integer> positions;

    public ConflictingTypesException(List<Integer> positions) {
        super(RULE);
        this.positions = List.copyOf(positions);
    }

    /** What to tell the caller about each conflicting entry. */
    public static final String RULE = "contradicts the type given for the same token earlier in the request";

    /** Positions, from 0, of the entries whose type differs from the first one given for their token. */
    public List<Integer> positions() {
        return positions;
    }
}
