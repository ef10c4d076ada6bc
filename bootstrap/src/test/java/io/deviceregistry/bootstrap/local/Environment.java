package io.deviceregistry.bootstrap.local;

import java.util.Map;
import java.util.Optional;

/** A variable that is set to nothing counts as one that is not set. */
record Environment(Map<String, String> variables) {

    Environment {
        variables = Map.copyOf(variables);
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    /** @throws CannotRunException if the value is no port; 0 is one, and stands for any */
    Optional<Integer> port(String name) {
        return get(name).map(value -> {
            try {
                int port = Integer.parseInt(value.strip());
                if (port >= 0 && port <= 65_535) {
                    return port;
                }
            } catch (NumberFormatException notANumber) {
                // Told below, as for a number that is out of range.
            }
            throw new CannotRunException(name + " must be a port from 0 to 65535, and is \"" + value + "\".");
        });
    }
}
