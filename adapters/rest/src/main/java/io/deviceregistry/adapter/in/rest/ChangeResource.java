package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.ReadChanges;
import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.domain.InvalidValueException;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The feed of changes. */
@Path("/v1/changes")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.DEVICES_SEARCH)
@RunOnVirtualThread
@Tag(name = "Changes")
class ChangeResource {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;
    private static final int MAX_WAIT_SECONDS = 30;

    /** In the place of a cursor; none is as short. */
    private static final String NOW = "now";

    /** Of the requests that are worked on at once, the part that may do nothing but wait. */
    private static final int ONE_IN = 5;

    private final ReadChanges readChanges;
    private final Places waiting;

    ChangeResource(ReadChanges readChanges, AccessConfig config) {
        this.readChanges = readChanges;
        this.waiting = new Places(config, ONE_IN);
    }

    @GET
    @Operation(
            operationId = "listChanges",
            summary = "Follow the changes of devices",
            description =
                    "In an order in which none is ever added before one that was told: whoever goes on from next to "
                            + "next misses none and is told none twice. Each change is told with its kind, the version that the "
                            + "device has since, and who made it; what the device is like, the device itself tells. A refresh that "
                            + "makes no new version is no change. Changes are kept for the configured time, and so are the ids of "
                            + "customers who were erased.")
    @Parameter(
            name = "after",
            in = ParameterIn.QUERY,
            description =
                    "The next of the answer before. now: only what changes from this moment on. If absent, all that "
                            + "is kept, the oldest first.",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "At most so many, 1 to 1000; 100 if absent.",
            schema = @Schema(type = SchemaType.INTEGER))
    @Parameter(
            name = "wait",
            in = ParameterIn.QUERY,
            description = "While there is no change, wait for one as long as so many seconds, 0 to 30; 0 if absent. A "
                    + "replica that is about to end does not wait.",
            schema = @Schema(type = SchemaType.INTEGER))
    @APIResponse(
            responseCode = "200",
            description = "The changes that follow, none if there are none yet",
            content = @Content(schema = @Schema(implementation = ChangeJson.Listed.class)))
    @APIResponse(
            responseCode = "410",
            description =
                    "Changes after this cursor are not there any more, because of their age or because the database "
                            + "was restored: take the cursor of now, read all devices anew, and go on from that cursor.")
    public ChangeJson.Listed list(UriInfo uri) {
        Faults faults = new Faults();
        QueryParameters query = new QueryParameters(uri, Set.of("after", "limit", "wait"), faults);
        Optional<String> after = query.value("after", text -> text);
        Optional<ChangeCursor> cursor =
                after.filter(text -> !text.equals(NOW)).flatMap(text -> query.value("after", Cursor::change));
        int limit = query.limit("limit", PAGE, MAX_PAGE);
        Duration wait = query.value("wait", ChangeResource::seconds).orElse(Duration.ZERO);
        faults.throwIfAny();
        boolean fromNow = after.isPresent() && cursor.isEmpty();
        return list(fromNow ? readChanges.end() : cursor.orElse(null), limit, wait);
    }

    private ChangeJson.Listed list(@Nullable ChangeCursor after, int limit, Duration wait) {
        if (wait.isZero()) {
            return ChangeJson.Listed.from(readChanges.changes(after, limit, wait));
        }
        try (Places.Place _ = waiting.take()) {
            return ChangeJson.Listed.from(readChanges.changes(after, limit, wait));
        }
    }

    private static Duration seconds(String text) {
        if (!text.matches("[0-9]{1,2}") || Integer.parseInt(text) > MAX_WAIT_SECONDS) {
            throw new InvalidValueException("must be a whole number of seconds from 0 to " + MAX_WAIT_SECONDS);
        }
        return Duration.ofSeconds(Integer.parseInt(text));
    }
}
