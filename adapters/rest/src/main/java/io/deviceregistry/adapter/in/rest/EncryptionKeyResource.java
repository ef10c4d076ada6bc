package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.InspectEncryption;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** How far the replacement of an encryption key is. */
@Path("/v1/encryption-keys")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.KEYS_MANAGE)
@RunOnVirtualThread
@Tag(name = "Encryption keys")
class EncryptionKeyResource {
    private final InspectEncryption inspectEncryption;

    EncryptionKeyResource(InspectEncryption inspectEncryption) {
        this.inspectEncryption = inspectEncryption;
    }

    @GET
    @Operation(
            operationId = "listEncryptionKeys",
            summary = "See how far the replacement of an encryption key is",
            description =
                    "Every key that the database was ever encrypted with, the one that was used last first, with the "
                            + "number of rows that are. Reads a sample of the database, so ask every second, not all the time.")
    @APIResponse(
            responseCode = "200",
            description = "All keys",
            content = @Content(schema = @Schema(implementation = EncryptionKeyJson.Listed.class)))
    public EncryptionKeyJson.Listed list() {
        return EncryptionKeyJson.Listed.from(inspectEncryption.keys());
    }
}
