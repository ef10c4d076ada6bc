package io.deviceregistry.domain;

import java.util.List;

/** Metadata of which some parts break the rules. */
public final class InvalidMetadataException extends RegistryException {

    /**
     * @param path the names that lead to the part, such as {@code extra} and one of its keys
     * @param rule what it must be
     */
    public record Violation(List<String> path, String rule) {
        public Violation {
            path = List.copyOf(path);
        }
    }

    private final List<Violation> violations;

    public InvalidMetadataException(List<Violation> violations) {
        super("The metadata is not valid.");
        this.violations = List.copyOf(violations);
    }

    public List<Violation> violations() {
        return violations;
    }
}
