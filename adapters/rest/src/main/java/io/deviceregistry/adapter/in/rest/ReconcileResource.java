package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.RepairSync;
import io.deviceregistry.domain.CustomerId;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * Compares one customer with what the providers hold. A repeated call does no harm, so no {@code Idempotency-Key} is asked
 * for: its record would keep a transaction open while a provider answers.
 */
@Path("/v1/sync:reconcile")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.SYNC_OPERATE)
@RunOnVirtualThread
@Tag(name = "Sync")
class ReconcileResource {
    static final String OPERATION = "reconcileSync";

    private final RepairSync repairSync;
    private final CurrentCaller current;

    ReconcileResource(RepairSync repairSync, CurrentCaller current) {
        this.current = current;
        this.repairSync = repairSync;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = OPERATION,
            summary = "Compare a customer with what the providers hold",
            description =
                    "At once, and what differs is mended. The registry does the same for all customers by itself, "
                            + "slowly.")
    @RequestBody(
            required = true,
            content = @Content(schema = @Schema(implementation = SyncJson.CustomerSelection.class)))
    @APIResponse(
            responseCode = "200",
            description = "One entry per provider",
            content = @Content(schema = @Schema(implementation = SyncJson.Comparisons.class)))
    public SyncJson.Comparisons reconcile(InputStream body) {
        Faults faults = new Faults();
        JsonObject root = JsonObject.body(JsonBody.read(body).root(), Set.of("customer_id"), faults);
        Optional<CustomerId> customer = root == null
                ? Optional.empty()
                : faults.member(root.pointerTo("customer_id"), root.requiredText("customer_id"), CustomerId::new);
        faults.throwIfAny();
        return SyncJson.Comparisons.from(repairSync.compare(current.caller(), customer.orElseThrow()));
    }
}
