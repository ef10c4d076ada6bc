package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.deviceregistry.application.port.in.FindDevices;
import io.deviceregistry.application.port.in.ReadChanges;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * All devices, as an import takes them. They are read page by page in the order of their ids, in a transaction for each:
 * one for all would keep the database from cleaning up behind the sync for as long as somebody reads.
 */
@Path("/v1/exports/devices")
@PermissionsAllowed(Scopes.DEVICES_SEARCH)
@RunOnVirtualThread
@Tag(name = "Imports and exports")
class ExportResource {
    /** So much of it is in memory. */
    private static final int PAGE = 1_000;

    /** Of the requests that are worked on at once, the part that may be exports: they keep the store busy. */
    private static final int ONE_IN = 50;

    private static final Logger LOG = System.getLogger(ExportResource.class.getName());

    /** Where to go on with the feed of changes. */
    private static final String CHANGES_CURSOR = "Changes-Cursor";

    /** For whoever shows how far it is. */
    private static final String ESTIMATED_ROWS = "Estimated-Rows";

    private final FindDevices findDevices;
    private final ReadChanges changes;
    private final DeviceFormat ndjson;
    private final DeviceFormat csv;
    private final Places places;

    ExportResource(FindDevices findDevices, ReadChanges changes, ObjectMapper mapper, AccessConfig config) {
        this.places = new Places(config, ONE_IN);
        this.findDevices = findDevices;
        this.changes = changes;
        this.ndjson = DeviceFormat.ndjson(mapper);
        this.csv = DeviceFormat.csv(mapper);
    }

    @GET
    @Produces({NdjsonRows.MEDIA_TYPE, CsvRows.MEDIA_TYPE})
    @Operation(
            operationId = "exportDevices",
            summary = "Export all devices",
            description = "NDJSON, or CSV if Accept asks for it, oldest first. Active devices, if no status is asked "
                    + "for: those can be imported again. It does not show one moment: a device that changes meanwhile "
                    + "is there as it was before or after, and its change is told by the changes after the cursor that "
                    + "comes with the answer. If it cannot be finished, the connection is closed before the end.")
    @Parameter(
            name = "status",
            in = ParameterIn.QUERY,
            description = "Devices with one of these, between commas: ACTIVE, INVALID, REMOVED.",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "A device a line",
            headers = {
                @Header(
                        name = CHANGES_CURSOR,
                        description =
                                "The cursor of /v1/changes behind which all is that changed since the export began",
                        schema = @Schema(type = SchemaType.STRING)),
                @Header(
                        name = ESTIMATED_ROWS,
                        description = "About how many devices there will be, exactly if they are few and none changes "
                                + "meanwhile",
                        schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
            },
            content = {
                @Content(mediaType = NdjsonRows.MEDIA_TYPE, schema = @Schema(type = SchemaType.STRING)),
                @Content(mediaType = CsvRows.MEDIA_TYPE, schema = @Schema(type = SchemaType.STRING))
            })
    public Response export(UriInfo uri, @Context HttpHeaders headers, @Context RoutingContext context) {
        Faults faults = new Faults();
        Set<DeviceStatus> statuses = new QueryParameters(uri, Set.of("status"), faults)
                .values("status", 3, DeviceResource::status)
                .<Set<DeviceStatus>>map(EnumSet::copyOf)
                .orElse(EnumSet.of(DeviceStatus.ACTIVE));
        faults.throwIfAny();
        DeviceFormat format = wanted(headers.getAcceptableMediaTypes());
        places.takeUntilAnswered(context);
        // Before the first page: what changes while it is read is behind it.
        String cursor = Cursor.after(changes.end());
        // Read before anything is answered, so that a failure can still be told.
        Page<Device, DeviceId> first = page(statuses, null);
        return Response.ok(
                        (StreamingOutput) out -> write(first, statuses, format, out, () -> breakOff(context.request())))
                .type(format.mediaType())
                .header(CHANGES_CURSOR, cursor)
                .header(ESTIMATED_ROWS, first.next() == null ? first.items().size() : findDevices.estimate(statuses))
                .build();
    }

    private DeviceFormat wanted(List<MediaType> accepted) {
        return accepted.stream()
                .filter(type -> type.isCompatible(MediaType.valueOf(ndjson.mediaType()))
                        || type.isCompatible(MediaType.valueOf(csv.mediaType())))
                .findFirst()
                .filter(type -> !type.isCompatible(MediaType.valueOf(ndjson.mediaType())))
                .map(_ -> csv)
                .orElse(ndjson);
    }

    private Page<Device, DeviceId> page(Set<DeviceStatus> statuses, @Nullable DeviceId after) {
        return findDevices.devices(new DeviceQuery(null, null, null, null, statuses, null, null, after, PAGE));
    }

    /**
     * Returns when it is done: a resource that returns normally has its answer ended, and over HTTP/1.1 that would still be
     * sent before the connection is closed, behind the part that was written.
     */
    private static void breakOff(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset();
        } else {
            request.connection()
                    .close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
    }

    /** @param breakOff closes the connection, or what there is would look like all of it */
    void write(
            Page<Device, DeviceId> first,
            Set<DeviceStatus> statuses,
            DeviceFormat format,
            OutputStream out,
            Runnable breakOff) {
        try {
            out.write(format.firstLine());
            format.write(first.items(), out);
            for (DeviceId after = first.next(); after != null; ) {
                Page<Device, DeviceId> page = page(statuses, after);
                format.write(page.items(), out);
                after = page.next();
            }
        } catch (JsonProcessingException | RuntimeException e) {
            LOG.log(Level.WARNING, "An export broke off", e);
            breakOff.run();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Whoever asked for an export did not wait for its end", e);
            breakOff.run();
        }
    }
}
