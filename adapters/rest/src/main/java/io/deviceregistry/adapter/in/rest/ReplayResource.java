package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.adapter.in.rest.IdempotentAnswers.Reply;
import io.deviceregistry.application.port.in.ReplaySync;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ProviderId;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
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

/** Tries again what was parked. */
@Path("/v1/sync:replay")
@Produces(MediaType.APPLICATION_JSON)
@Authenticated
@RunOnVirtualThread
@Tag(name = "Sync")
class ReplayResource {
    private static final Set<String> FILTERS = Set.of("provider", "customer_id", "device_id", "reason");

    private final ReplaySync replaySync;
    private final IdempotentAnswers answers;

    ReplayResource(ReplaySync replaySync, IdempotentAnswers answers) {
        this.replaySync = replaySync;
        this.answers = answers;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "replaySync",
            summary = "Try parked devices again",
            description = "When whatever was wrong is mended. They are due at once, as if they had never failed.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = SyncJson.Replay.class)))
    @APIResponse(
            responseCode = "200",
            description = "How many are due",
            content = @Content(schema = @Schema(implementation = SyncJson.Replayed.class)))
    public Response replay(InputStream body) {
        Faults faults = new Faults();
        answers.check(faults);
        JsonBody request = JsonBody.read(body);
        JsonObject root = JsonObject.body(
                request.root(), Set.of("provider", "customer_id", "device_id", "reason", "all"), faults);
        Optional<ParkedSelection> selection = Optional.ofNullable(root).map(filters -> selection(filters, faults));
        faults.throwIfAny();
        return answers.answer(
                request, () -> new Reply(200, new SyncJson.Replayed(replaySync.replay(selection.orElseThrow()))));
    }

    private static ParkedSelection selection(JsonObject filters, Faults faults) {
        boolean all = filters.optionalBoolean("all");
        if (!all && FILTERS.stream().noneMatch(filters::hasValue)) {
            faults.add(Fault.at(filters.pointerTo("all"), "must be true where nothing else is given"));
        }
        return new ParkedSelection(
                filters.optionalValue("provider", ProviderId::new),
                filters.optionalValue("customer_id", CustomerId::new),
                filters.optionalValue("device_id", DeviceId::parse),
                filters.optionalValue("reason", SyncResource::reason));
    }
}
