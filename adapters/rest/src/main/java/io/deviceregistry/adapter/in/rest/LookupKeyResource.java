package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.InspectLookupKey;
import io.deviceregistry.application.port.in.RotateLookupKey;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * The key that finds tokens, and its replacement. To begin one that has begun does no more, so no {@code Idempotency-Key} is
 * asked for: what it would be found by is being replaced.
 */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.KEYS_MANAGE)
@RunOnVirtualThread
@Tag(name = "Lookup key")
class LookupKeyResource {
    static final String ROTATE = "rotateLookupKey";

    private final InspectLookupKey inspectLookupKey;
    private final RotateLookupKey rotateLookupKey;
    private final CurrentCaller current;

    LookupKeyResource(InspectLookupKey inspectLookupKey, RotateLookupKey rotateLookupKey, CurrentCaller current) {
        this.current = current;
        this.inspectLookupKey = inspectLookupKey;
        this.rotateLookupKey = rotateLookupKey;
    }

    @GET
    @Path("/lookup-key")
    @Operation(
            operationId = "getLookupKey",
            summary = "See how far the replacement of the lookup key is",
            description =
                    "While it is being replaced, reads a sample of the database, so ask every second, not all the time.")
    @APIResponse(
            responseCode = "200",
            description = "The key by which tokens are found",
            content = @Content(schema = @Schema(implementation = LookupKeyJson.class)))
    public LookupKeyJson get() {
        return LookupKeyJson.from(inspectLookupKey.state());
    }

    @POST
    @Path("/lookup-key:rotate")
    @Operation(
            operationId = ROTATE,
            summary = "Begin to replace the lookup key",
            description =
                    "By the one in registry.token.next-lookup-key, which every replica must know. It goes on by itself then, "
                            + "while the registry is used. Repeatable: a replacement that has begun, or is done, is only told of.")
    @APIResponse(
            responseCode = "200",
            description = "It has begun, or is done",
            content = @Content(schema = @Schema(implementation = LookupKeyJson.class)))
    @APIResponse(responseCode = "409", description = ProblemCode.LOOKUP_KEY_NOT_READY_DETAIL)
    public LookupKeyJson rotate() {
        return LookupKeyJson.from(rotateLookupKey.begin(current.caller()));
    }
}
