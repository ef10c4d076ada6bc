package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.adapter.in.rest.IdempotentAnswers.Reply;
import io.deviceregistry.application.port.in.RemoveDevice;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Observation;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Removal for callers who know the token and not the id; in the body, for a URL ends in logs. */
@Path(CustomerResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.DEVICES_WRITE)
@RunOnVirtualThread
@Tag(name = "Devices")
class RemoveByTokenResource {
    private final RemoveDevice removeDevice;
    private final DeviceReader reader;
    private final IdempotentAnswers answers;
    private final CurrentCaller current;

    RemoveByTokenResource(
            RemoveDevice removeDevice, DeviceReader reader, IdempotentAnswers answers, CurrentCaller current) {
        this.removeDevice = removeDevice;
        this.reader = reader;
        this.answers = answers;
        this.current = current;
    }

    @POST
    @Path("/{customer_id}/devices:remove")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "removeDeviceByToken",
            summary = "Remove a device by its token",
            description = "Repeatable, and only this customer's: a late logout removes nobody else's device.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = DeviceJson.Removal.class)))
    @APIResponse(
            responseCode = "204",
            description = "The customer has no such device, or something newer was said of it")
    public Response remove(@PathParam("customer_id") String customerId, InputStream body) {
        Faults faults = new Faults();
        Optional<CustomerId> customer = faults.parameter("customer_id", customerId, CustomerId::new);
        answers.check(faults);
        JsonBody request = JsonBody.read(body);
        JsonObject root = JsonObject.body(request.root(), Set.of("device_token", "observed_at"), faults);
        Optional<DeviceToken> token = root == null ? Optional.empty() : reader.token(root, "device_token", faults);
        Observation observed = root == null ? Observation.ON_ARRIVAL : reader.observed(root, faults);
        faults.throwIfAny();
        return answers.answer(request, () -> {
            removeDevice.remove(current.caller(), customer.orElseThrow(), token.orElseThrow(), observed);
            return Reply.WITHOUT_CONTENT;
        });
    }
}
