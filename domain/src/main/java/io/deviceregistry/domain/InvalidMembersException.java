package io.deviceregistry.domain;

import java.util.List;

/** A value of several members of which some break the rules. */
public final class InvalidMembersException extends RegistryException {

    /**
     * @param path the names that lead to the member, such as {@code extra} and one of its keys
     * @param rule what it must be
     */
    public record Violation(List<String> path, String rule) {
        public Violation {
            path = List.copyOf(path);
        }
    }

    private final List<Violation> violations;

    public InvalidMembersException(List<Violation> violations) {
        super("Some members are not valid.");
        this.violations = List.copyOf(violations);
    }

    public List<Violation> violations() {
        return violations;
    }
}
