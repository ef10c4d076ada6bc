package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.adapter.in.rest.IdempotentAnswers.Reply;
import io.deviceregistry.application.port.in.PauseSync;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ProviderId;
import io.quarkus.security.PermissionsAllowed;
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
import java.util.function.BiConsumer;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Lets a person hold back what goes to a provider. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.SYNC_OPERATE)
@RunOnVirtualThread
@Tag(name = "Sync")
class PauseResource {
    private final PauseSync pauseSync;
    private final IdempotentAnswers answers;
    private final CurrentCaller current;

    PauseResource(PauseSync pauseSync, IdempotentAnswers answers, CurrentCaller current) {
        this.current = current;
        this.pauseSync = pauseSync;
        this.answers = answers;
    }

    @POST
    @Path("/sync:pause")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "pauseSync",
            summary = "Hold back what goes to a provider",
            description = "Until it is resumed, from every replica. What is registered meanwhile waits. Repeatable.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = SyncJson.Selection.class)))
    @APIResponse(responseCode = "204", description = "It is so")
    public Response pause(InputStream body) {
        return change(body, pauseSync::pause);
    }

    @POST
    @Path("/sync:resume")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "resumeSync",
            summary = "Let go out what was held back",
            description = "Ends a pause that a person began, and no other. Repeatable.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = SyncJson.Selection.class)))
    @APIResponse(responseCode = "204", description = "It is so")
    public Response resume(InputStream body) {
        return change(body, pauseSync::resume);
    }

    private Response change(InputStream body, BiConsumer<Caller, ProviderId> change) {
        Faults faults = new Faults();
        answers.check(faults);
        JsonBody request = JsonBody.read(body);
        JsonObject root = JsonObject.body(request.root(), Set.of("provider"), faults);
        Optional<ProviderId> provider = root == null
                ? Optional.empty()
                : faults.member(root.pointerTo("provider"), root.requiredText("provider"), pauseSync::provider);
        faults.throwIfAny();
        return answers.answer(request, () -> {
            change.accept(current.caller(), provider.orElseThrow());
            return Reply.WITHOUT_CONTENT;
        });
    }
}
