package io.deviceregistry.bootstrap;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/**
 * Refuses keys that had a name in them, of a caller or a type: it would be lost in the name of a variable, and the value with
 * it, unless it is one plain word. A list took the place of each.
 */
@ApplicationScoped
@Startup // so that one of them stops the start
class FormerKeys {
    private static final Map<String, String> LISTS = Map.of(
            "registry.requests-per-second-of", "callers, such as shop-backend=20,batch=50",
            "registry.stale-after", "types, such as android=270D,ios=90D");
    private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^A-Za-z0-9]");

    FormerKeys(Config all) {
        refuse(all.getPropertyNames());
    }

    /**
     * @param keys all that are set, by whatever means
     * @throws IllegalArgumentException if one has a name in it, saying what takes its place
     */
    static void refuse(Iterable<String> keys) {
        for (String key : keys) {
            LISTS.forEach((list, content) -> {
                if (variable(key).startsWith(variable(list) + "_")) {
                    throw new IllegalArgumentException(
                            "%s does not exist: set %s to a list of %s".formatted(key, list, content));
                }
            });
        }
    }

    private static String variable(String key) {
        return NOT_ALPHANUMERIC.matcher(key).replaceAll("_").toUpperCase(Locale.ROOT);
    }
}
