package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceQuery.SyncFilter;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncState;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Searches devices across customers; a POST, for a token in a URL ends in logs. */
@Path("/v1/devices:search")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.DEVICES_SEARCH)
@RunOnVirtualThread
@Tag(name = "Devices")
class SearchResource {
    static final String OPERATION = "searchDevices";

    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    private final FindDevices findDevices;
    private final DeviceReader reader;

    SearchResource(FindDevices findDevices, DeviceReader reader) {
        this.findDevices = findDevices;
        this.reader = reader;
    }

    @Schema(name = "DeviceFilters", description = "All that is given must hold; nothing given finds all devices.")
    @JsonNaming(SnakeCaseStrategy.class)
    record Request(
            @Nullable String deviceToken,
            @Nullable String customerId,

            @Schema(description = "With sync_state", examples = "bunce") @Nullable String provider,

            @Schema(description = "With provider") @Nullable SyncState syncState,
            @Nullable String deviceType,
            @Nullable DeviceStatus status,
            @Nullable Instant seenBefore,
            @Nullable Instant seenAfter,

            @Schema(minimum = "1", maximum = "1000", description = "At most so many; 100 if absent") @Nullable Integer limit,

            @Schema(description = "The next_cursor of the page before") @Nullable String cursor) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = OPERATION,
            summary = "Search devices",
            description =
                    "By token, by customer, or by provider and sync state; type, status and time narrow it. A page "
                            + "looks at a limited number of devices: it may be short, even empty, and not the last. That is so "
                            + "above all without any of the first three, and with the state SYNCED, which nearly all have.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = Request.class)))
    @APIResponse(
            responseCode = "200",
            description = "A page of devices, oldest first",
            content = @Content(schema = @Schema(implementation = DeviceJson.Found.class)))
    public DeviceJson.Found search(InputStream body) {
        Faults faults = new Faults();
        JsonObject root = JsonObject.body(
                JsonBody.read(body).root(),
                Set.of(
                        "device_token",
                        "customer_id",
                        "provider",
                        "sync_state",
                        "device_type",
                        "status",
                        "seen_before",
                        "seen_after",
                        "limit",
                        "cursor"),
                faults);
        Optional<DeviceQuery> query = Optional.ofNullable(root).map(filters -> query(filters, faults));
        faults.throwIfAny();
        return DeviceJson.Found.from(findDevices.devices(query.orElseThrow()));
    }

    private DeviceQuery query(JsonObject filters, Faults faults) {
        Integer limit = filters.optionalInteger("limit", 1, MAX_PAGE);
        return new DeviceQuery(
                filters.optionalValue("customer_id", CustomerId::new),
                reader.optionalToken(filters, faults),
                sync(filters, faults),
                reader.type(filters, faults),
                Optional.ofNullable(filters.optionalValue("status", DeviceResource::status))
                        .map(EnumSet::of)
                        .orElse(EnumSet.allOf(DeviceStatus.class)),
                DeviceReader.optionalTime(filters, "seen_before", faults),
                DeviceReader.optionalTime(filters, "seen_after", faults),
                filters.optionalValue("cursor", Cursor::device),
                limit == null ? PAGE : limit);
    }

    private static @Nullable SyncFilter sync(JsonObject filters, Faults faults) {
        ProviderId provider = filters.optionalValue("provider", ProviderId::new);
        SyncState state = filters.optionalValue("sync_state", SearchResource::state);
        if (filters.hasValue("provider") && !filters.hasValue("sync_state")) {
            faults.add(Fault.at(filters.pointerTo("sync_state"), "is required with provider"));
        }
        if (filters.hasValue("sync_state") && !filters.hasValue("provider")) {
            faults.add(Fault.at(filters.pointerTo("provider"), "is required with sync_state"));
        }
        return provider == null || state == null ? null : new SyncFilter(provider, state);
    }

    private static SyncState state(String text) {
        return Stream.of(SyncState.values())
                .filter(state -> state.name().equals(text))
                .findFirst()
                .orElseThrow(() -> new InvalidValueException("must be PENDING, SYNCED, PARKED or UNSUPPORTED"));
    }
}
