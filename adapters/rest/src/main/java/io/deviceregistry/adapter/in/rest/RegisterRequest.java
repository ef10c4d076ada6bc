package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceTypes;
import io.deviceregistry.domain.InvalidMetadataException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the body of a registration. */
final class RegisterRequest {
    static final int MAX_DEVICES = 100;

    private static final Set<String> MEMBERS = Set.of("devices");
    private static final Set<String> DEVICE_MEMBERS = Set.of("device_type", "device_token", "metadata");
    private static final Set<String> METADATA_MEMBERS =
            Set.of("app_id", "app_version", "os_version", "locale", "time_zone", "extra");

    private RegisterRequest() {}

    /** The devices in the order of the request; incomplete if faults were found. */
    static List<DeviceRegistration> read(JsonNode body, DeviceTypes types, Faults faults) {
        JsonObject root = JsonObject.body(body, MEMBERS, faults);
        if (root == null) {
            return List.of();
        }
        SortedMap<Integer, DeviceRegistration> read = new TreeMap<>();
        List<@Nullable JsonObject> devices = root.requiredObjects("devices", 1, MAX_DEVICES, DEVICE_MEMBERS);
        for (int i = 0; i < devices.size(); i++) {
            JsonObject device = devices.get(i);
            if (device != null) {
                Optional<DeviceRegistration> registration = device(device, types, faults);
                if (registration.isPresent()) {
                    read.put(i, registration.get());
                }
            }
        }
        for (int position : DeviceRegistration.conflictingTypes(read)) {
            faults.add(Fault.at(pointerToType(position), ConflictingTypesException.RULE));
        }
        return List.copyOf(read.values());
    }

    static String pointerToType(int position) {
        return "/devices/" + position + "/device_type";
    }

    private static Optional<DeviceRegistration> device(JsonObject device, DeviceTypes types, Faults faults) {
        Optional<DeviceType> type =
                faults.member(device.pointerTo("device_type"), device.requiredText("device_type"), types::parse);
        Optional<DeviceToken> token =
                faults.member(device.pointerTo("device_token"), device.requiredText("device_token"), DeviceToken::new);
        DeviceMetadata metadata = metadata(device, faults);
        return type.isPresent() && token.isPresent()
                ? Optional.of(new DeviceRegistration(type.get(), token.get(), metadata))
                : Optional.empty();
    }

    private static @Nullable DeviceMetadata metadata(JsonObject device, Faults faults) {
        JsonObject metadata = device.optionalObject("metadata", METADATA_MEMBERS);
        if (metadata == null) {
            return null;
        }
        try {
            Map<String, String> extra = metadata.optionalTexts("extra");
            return new DeviceMetadata(
                    metadata.optionalText("app_id"),
                    metadata.optionalText("app_version"),
                    metadata.optionalText("os_version"),
                    metadata.optionalText("locale"),
                    metadata.optionalText("time_zone"),
                    extra);
        } catch (InvalidMetadataException e) {
            e.violations()
                    .forEach(violation -> faults.add(Fault.at(metadata.pointerTo(violation.path()), violation.rule())));
            return null;
        }
    }
}
