package io.deviceregistry.domain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says when it registers one device.
 *
 * @param metadata null if the caller said nothing about it: what is known stays
 */
public record DeviceRegistration(
        DeviceType type, DeviceToken token, @Nullable DeviceMetadata metadata, Observation observed) {

    /** One that is true when it arrives. */
    public DeviceRegistration(DeviceType type, DeviceToken token, @Nullable DeviceMetadata metadata) {
        this(type, token, metadata, Observation.ON_ARRIVAL);
    }

    /**
     * The positions, ascending, of the entries that give a token another type than the first entry with that token.
     *
     * @param entries by their position in the request
     */
    public static List<Integer> conflictingTypes(SortedMap<Integer, DeviceRegistration> entries) {
        Map<DeviceToken, DeviceType> firstType = new HashMap<>();
        List<Integer> conflicts = new ArrayList<>();
        entries.forEach((position, entry) -> {
            DeviceType first = firstType.putIfAbsent(entry.token(), entry.type());
            if (first != null && !first.equals(entry.type())) {
                conflicts.add(position);
            }
        });
        return conflicts;
    }

    /** The entries of one request, one for each token, in their order: the last metadata and the newest time win. */
    public static Map<DeviceToken, DeviceRegistration> byToken(Collection<DeviceRegistration> entries) {
        Map<DeviceToken, DeviceRegistration> byToken = new LinkedHashMap<>();
        entries.forEach(entry -> byToken.merge(entry.token(), entry, DeviceRegistration::followedBy));
        return byToken;
    }

    /** This entry after another one of the same request with the same token. */
    DeviceRegistration followedBy(DeviceRegistration next) {
        return new DeviceRegistration(
                type, token, next.metadata == null ? metadata : next.metadata, observed.later(next.observed));
    }
}
