package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.ReplaySync;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.SyncLedger.Unparked;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Tries again what was parked. */
@Path("/v1/sync:replay")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.SYNC_OPERATE)
@RunOnVirtualThread
@Tag(name = "Sync")
class ReplayResource {
    private static final Set<String> FILTERS = Set.of("provider", "customer_id", "device_id", "reason");

    private final ReplaySync replaySync;
    private final IdempotentAnswers answers;
    private final CurrentCaller current;

    ReplayResource(ReplaySync replaySync, IdempotentAnswers answers, CurrentCaller current) {
        this.current = current;
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
        long replayed = replay(request, selection.orElseThrow());
        return answers.marked(Response.ok(new SyncJson.Replayed(replayed))).build();
    }

    /** In steps, each of which is remembered where a key was given: repeated, it goes on where it ended. */
    private long replay(JsonBody request, ParkedSelection selection) {
        long replayed = 0;
        Caller by = current.caller();
        Step step = new Step(0, null);
        for (int number = 0; number == 0 || step.cursor() != null; number++) {
            ParkedQuery.Position after = step.position();
            step = answers.step(request, number, Step.class, () -> Step.of(replaySync.replay(by, selection, after)));
            replayed += step.replayed();
        }
        return replayed;
    }

    /** A step as it is remembered, with the cursor of where it ended; null if it was the last one. */
    record Step(int replayed, @Nullable String cursor) {
        static Step of(Unparked unparked) {
            return new Step(unparked.number(), unparked.next() == null ? null : Cursor.after(unparked.next()));
        }

        ParkedQuery.@Nullable Position position() {
            return cursor == null ? null : Cursor.parked(cursor);
        }
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
