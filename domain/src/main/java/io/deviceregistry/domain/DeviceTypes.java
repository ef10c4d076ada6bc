package io.deviceregistry.domain;

import java.util.Collection;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The device types that this registry accepts. What a provider supports is that provider's matter. */
public final class DeviceTypes {
    private final SortedSet<DeviceType> known;

    /** @throws InvalidValueException if there is none */
    public DeviceTypes(Collection<DeviceType> known) {
        if (known.isEmpty()) {
            throw new InvalidValueException("must name at least one device type");
        }
        this.known = new TreeSet<>(known);
    }

    /**
     * The type that a caller means.
     *
     * @throws InvalidValueException naming the accepted types, if the text is not one of them
     */
    public DeviceType parse(String text) {
        return known.stream()
                .filter(type -> type.value().equals(lowerCase(text)))
                .findFirst()
                .orElseThrow(() -> new InvalidValueException("must be one of "
                        + known.stream().map(DeviceType::value).collect(Collectors.joining(", "))));
    }

    /** Of ASCII alone, for ſ is not an s. */
    private static String lowerCase(String text) {
        return text.chars().allMatch(c -> c < 128) ? text.toLowerCase(Locale.ROOT) : text;
    }
}
