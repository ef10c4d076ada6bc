package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.InspectSync;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.domain.InvalidValueException;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncReason;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** How far the providers are. */
@Path("/v1/sync")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.SYNC_READ)
@RunOnVirtualThread
@Tag(name = "Sync")
class SyncResource {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    private final InspectSync inspectSync;

    SyncResource(InspectSync inspectSync) {
        this.inspectSync = inspectSync;
    }

    @GET
    @Operation(
            operationId = "getSync",
            summary = "See how far the providers are",
            description = "Counts every device, so ask now and then, not every second.")
    @APIResponse(
            responseCode = "200",
            description = "One entry per provider",
            content = @Content(schema = @Schema(implementation = SyncJson.Overview.class)))
    public SyncJson.Overview overview() {
        return SyncJson.Overview.from(inspectSync.overview());
    }

    @GET
    @Path("/parked")
    @Operation(
            operationId = "listParked",
            summary = "List parked devices",
            description = "Devices of which a provider cannot be told before a person looks or something new is known, "
                    + "by provider, then by device; with the provider's words, tokens masked.")
    @Parameter(
            name = "provider",
            in = ParameterIn.QUERY,
            description = "Only of this one.",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "reason",
            in = ParameterIn.QUERY,
            description = "Only for this one.",
            schema = @Schema(implementation = SyncReason.class))
    @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "At most so many, 1 to 1000; 100 if absent.",
            schema = @Schema(type = SchemaType.INTEGER))
    @Parameter(
            name = "cursor",
            in = ParameterIn.QUERY,
            description = "The next_cursor of the page before.",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "A page of devices",
            content = @Content(schema = @Schema(implementation = SyncJson.Parked.class)))
    public SyncJson.Parked parked(UriInfo uri) {
        Faults faults = new Faults();
        QueryParameters query = new QueryParameters(uri, Set.of("provider", "reason", "limit", "cursor"), faults);
        Optional<ProviderId> provider = query.value("provider", ProviderId::new);
        Optional<SyncReason> reason = query.value("reason", SyncResource::reason);
        Optional<ParkedQuery.Position> after = query.value("cursor", Cursor::parked);
        int limit = query.limit("limit", PAGE, MAX_PAGE);
        faults.throwIfAny();
        return SyncJson.Parked.from(inspectSync.parked(
                new ParkedQuery(provider.orElse(null), reason.orElse(null), after.orElse(null), limit)));
    }

    static SyncReason reason(String text) {
        return Stream.of(SyncReason.values())
                .filter(reason -> reason.name().equals(text))
                .findFirst()
                .orElseThrow(() -> new InvalidValueException("must be one of "
                        + Stream.of(SyncReason.values()).map(SyncReason::name).collect(Collectors.joining(", "))));
    }
}
