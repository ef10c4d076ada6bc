package io.deviceregistry.bootstrap;

import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceTypes;
import io.deviceregistry.domain.InvalidValueException;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How long devices of which type may be unseen, as the setting {@code registry.stale-after} has it. */
final class StaleAfter {
    private static final String KEY = "registry.stale-after";
    private static final String EXAMPLE = "such as android=270D,ios=90D";

    private StaleAfter() {}

    /**
     * @param entries each a type, an equals sign and a duration
     * @throws IllegalArgumentException naming the setting and the entry that makes no sense
     */
    static Map<DeviceType, Duration> parse(List<String> entries, DeviceTypes types) {
        Map<DeviceType, Duration> ages = new HashMap<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            if (equals < 0) {
                throw refused(entry, "is no type with a duration, " + EXAMPLE);
            }
            if (ages.put(type(entry, entry.substring(0, equals), types), age(entry, entry.substring(equals + 1)))
                    != null) {
                throw refused(entry, "names its type a second time");
            }
        }
        return Map.copyOf(ages);
    }

    private static DeviceType type(String entry, String type, DeviceTypes types) {
        try {
            return types.parse(type);
        } catch (InvalidValueException e) {
            // Not chained: the innermost message is what the operator reads.
            throw refused(entry, "has a type which " + e.getMessage());
        }
    }

    private static Duration age(String entry, String text) {
        Duration age;
        try {
            age = DurationConverter.parseDuration(text);
        } catch (IllegalArgumentException e) {
            throw refused(entry, "has no duration, such as 270D");
        }
        if (age == null || !age.isPositive()) {
            throw refused(entry, "has a duration that must be longer than nothing");
        }
        return age;
    }

    private static IllegalArgumentException refused(String entry, String why) {
        return new IllegalArgumentException("%s: \"%s\" %s".formatted(KEY, entry, why));
    }
}
