package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.ManageCustomers;
import io.deviceregistry.domain.ErasureId;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Receipts of erasures. */
@Path(ErasureResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed({Scopes.CUSTOMERS_READ, Scopes.CUSTOMERS_ERASE})
@RunOnVirtualThread
@Tag(name = "Customers")
class ErasureResource {
    static final String PATH = "/v1/erasures";

    private final ManageCustomers manageCustomers;

    ErasureResource(ManageCustomers manageCustomers) {
        this.manageCustomers = manageCustomers;
    }

    @GET
    @Path("/{erasure_id}")
    @Operation(
            operationId = "getErasure",
            summary = "Get the receipt of an erasure",
            description = "Kept for good; it does not name the customer.")
    @APIResponse(
            responseCode = "200",
            description = "The receipt, as far as the erasure is",
            content = @Content(schema = @Schema(implementation = ErasureJson.class)))
    @APIResponse(responseCode = "404", description = "There is no such erasure.")
    public ErasureJson get(@PathParam("erasure_id") String erasureId) {
        Faults faults = new Faults();
        Optional<ErasureId> erasure = faults.parameter("erasure_id", erasureId, ErasureId::parse);
        faults.throwIfAny();
        return ErasureJson.from(manageCustomers.erasure(erasure.orElseThrow()));
    }
}
