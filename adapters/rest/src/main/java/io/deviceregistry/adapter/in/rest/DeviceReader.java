package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.ConflictingTypesException;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.DeviceTypes;
import io.deviceregistry.domain.DeviceUpdate;
import io.deviceregistry.domain.InvalidMembersException;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.Observation;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads what requests say of devices. */
@ApplicationScoped
class DeviceReader {
    /** The most devices that one customer's part of a request may carry. */
    static final int MAX_DEVICES = 100;

    private static final String OBSERVED_AT = "observed_at";

    /** The members of a device to be registered. */
    static final Set<String> MEMBERS = Set.of("device_type", "device_token", "metadata", OBSERVED_AT);

    static final Set<String> METADATA_MEMBERS =
            Set.of("app_id", "app_version", "os_version", "locale", "time_zone", "extra");

    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final DeviceTypes types;
    private final InstantSource clock = InstantSource.system();

    DeviceReader(DeviceTypes types) {
        this.types = types;
    }

    /** The devices of an array in its order; incomplete if faults were found. */
    List<DeviceRegistration> registrations(List<@Nullable JsonObject> devices, Faults faults) {
        SortedMap<Integer, DeviceRegistration> read = new TreeMap<>();
        for (int i = 0; i < devices.size(); i++) {
            JsonObject device = devices.get(i);
            if (device != null) {
                Optional<DeviceRegistration> registration = registration(device, faults);
                if (registration.isPresent()) {
                    read.put(i, registration.get());
                }
            }
        }
        for (int position : DeviceRegistration.conflictingTypes(read)) {
            JsonObject device = devices.get(position);
            if (device != null) {
                faults.add(Fault.at(device.pointerTo("device_type"), ConflictingTypesException.RULE));
            }
        }
        return List.copyOf(read.values());
    }

    static String pointerToType(int position) {
        return "/devices/" + position + "/device_type";
    }

    Optional<DeviceRegistration> registration(JsonObject device, Faults faults) {
        return registration(device, OBSERVED_AT, faults);
    }

    /** @param time the member that says when it was true */
    Optional<DeviceRegistration> registration(JsonObject device, String time, Faults faults) {
        Optional<DeviceType> type =
                faults.member(device.pointerTo("device_type"), device.requiredText("device_type"), types::parse);
        Optional<DeviceToken> token = token(device, "device_token", faults);
        DeviceMetadata metadata = metadata(device, faults);
        Observation observed = observed(device, time, faults);
        return type.isPresent() && token.isPresent()
                ? Optional.of(new DeviceRegistration(type.get(), token.get(), metadata, observed))
                : Optional.empty();
    }

    DeviceUpdate update(JsonObject device, Faults faults) {
        return new DeviceUpdate(
                type(device, faults),
                optionalToken(device, faults),
                metadata(device, faults),
                observed(device, faults));
    }

    @Nullable DeviceType type(JsonObject device, Faults faults) {
        return faults.member(device.pointerTo("device_type"), device.optionalText("device_type"), types::parse)
                .orElse(null);
    }

    Optional<DeviceToken> token(JsonObject device, String member, Faults faults) {
        return faults.member(device.pointerTo(member), device.requiredText(member), DeviceToken::new);
    }

    @Nullable DeviceToken optionalToken(JsonObject device, Faults faults) {
        return faults.member(device.pointerTo("device_token"), device.optionalText("device_token"), DeviceToken::new)
                .orElse(null);
    }

    /** Now, by this process's clock, decides only what is too far ahead. */
    Observation observed(JsonObject message, Faults faults) {
        return observed(message, OBSERVED_AT, faults);
    }

    private Observation observed(JsonObject message, String member, Faults faults) {
        return faults.member(
                        message.pointerTo(member),
                        message.optionalText(member),
                        text -> Observation.at(time(text), clock.instant()))
                .orElse(Observation.ON_ARRIVAL);
    }

    static @Nullable Instant optionalTime(JsonObject message, String member, Faults faults) {
        return faults.member(message.pointerTo(member), message.optionalText(member), DeviceReader::time)
                .orElse(null);
    }

    /** RFC 3339, any offset. */
    static Instant time(String text) {
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            if (!time.isBefore(EARLIEST) && !time.isAfter(LATEST)) {
                return time;
            }
        } catch (DateTimeException e) {
            // The parser's message quotes the text.
        }
        throw new InvalidValueException("must be a time from 1970 on as RFC 3339 has it, such as 2026-03-01T12:00:00Z");
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
        } catch (InvalidMembersException e) {
            faults.addAll(metadata, e);
            return null;
        }
    }
}
