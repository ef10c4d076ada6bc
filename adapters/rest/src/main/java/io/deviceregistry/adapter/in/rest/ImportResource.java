package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.application.port.in.ImportDevices;
import io.deviceregistry.application.port.in.ImportDevices.Upload;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob.State;
import io.deviceregistry.domain.InvalidValueException;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Imports of files of any size, which are read as they arrive. The same file again changes nothing, so no {@code
 * Idempotency-Key} is asked for.
 */
@Path(ImportResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.IMPORTS)
@RunOnVirtualThread
@Tag(name = "Imports and exports")
class ImportResource {
    static final String PATH = "/v1/imports";
    static final String OPERATION = "importDevices";

    private static final String BROKEN_OFF = "The body broke off, or is not encoded as its headers say.";

    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;
    private static final int PAGE_OF_ERRORS = 1_000;
    private static final int MAX_PAGE_OF_ERRORS = 10_000;

    /** Of the requests that are worked on at once, the part that may be files that arrive: they keep the store busy. */
    private static final int ONE_IN = 50;

    /** For files that are nearly here when this replica is told to stop; requests have some time more. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final ImportDevices imports;
    private final RowReader reader;
    private final CurrentCaller current;
    private final Places places;
    private volatile @Nullable Instant stopAt;

    ImportResource(ImportDevices imports, RowReader reader, CurrentCaller current, AccessConfig config) {
        this.places = new Places(config, ONE_IN);
        this.imports = imports;
        this.reader = reader;
        this.current = current;
    }

    /** A file may take longer than there is time for, and its import is to say at once that it broke off. */
    void prepareToStop(@Observes ShutdownDelayInitiatedEvent event) {
        stopAt = Instant.now().plus(GRACE);
    }

    @POST
    @Consumes({NdjsonRows.MEDIA_TYPE, CsvRows.MEDIA_TYPE})
    @Operation(
            operationId = OPERATION,
            summary = "Import devices from a file",
            description = "One row a line: NDJSON of items as in a batch, or CSV whose first line names the columns "
                    + "customer_id, device_type, device_token and any of observed_at, app_id, app_version, os_version, "
                    + "locale, time_zone, extra (a JSON object). What an export has beside them is accepted; when a "
                    + "device was last seen is taken for observed_at where that is missing. Of any size, also with "
                    + "Content-Encoding: gzip. Rows are stored as they arrive, behind what others register, and one "
                    + "that cannot be stored hinders no others. Of two rows with one token that one wins which was "
                    + "true later by its observed_at; if they do not say, mostly the later row, but it may be the "
                    + "earlier one. The same file again changes nothing. If the body "
                    + "breaks off, what arrived is stored, and the import is INCOMPLETE.")
    @Parameter(
            name = "dry_run",
            in = ParameterIn.QUERY,
            description = "true to check each row by itself, and store none.",
            schema = @Schema(type = SchemaType.BOOLEAN))
    @RequestBody(
            required = true,
            content = {
                @Content(mediaType = NdjsonRows.MEDIA_TYPE, schema = @Schema(type = SchemaType.STRING)),
                @Content(mediaType = CsvRows.MEDIA_TYPE, schema = @Schema(type = SchemaType.STRING))
            })
    @APIResponse(
            responseCode = "202",
            description = "The whole file is here, and is being stored",
            headers = @Header(name = "Location", schema = @Schema(implementation = String.class)),
            content = @Content(schema = @Schema(implementation = ImportJson.class)))
    @APIResponse(
            responseCode = "409",
            description = "Nothing had arrived for long, so the import was given up; send the file again.")
    public Response start(
            UriInfo uri, @Context HttpHeaders headers, @Context RoutingContext context, InputStream body) {
        try {
            Faults faults = new Faults();
            boolean dryRun = new QueryParameters(uri, Set.of("dry_run"), faults)
                    .value("dry_run", ImportResource::bool)
                    .orElse(false);
            faults.throwIfAny();
            ImportId id = receive(headers, new StoppableStream(body, this::isToStop), dryRun);
            return Response.status(Response.Status.ACCEPTED)
                    .header(HttpHeaders.LOCATION, PATH + "/" + id)
                    .entity(ImportJson.from(imports.job(id)))
                    .build();
        } catch (UnreadableBodyException e) {
            throw e;
        } catch (StoppableStream.StoppedException e) {
            throw new UnreadableBodyException(ProblemCode.STOPPING, ProblemCode.STOPPING.detail());
        } catch (IOException e) {
            throw new UnreadableBodyException(ProblemCode.MALFORMED_REQUEST, BROKEN_OFF);
        } catch (RuntimeException e) {
            if (!ImportBody.drain(body)) {
                Problems.closeAfterAnswer(context);
            }
            throw e;
        }
    }

    private static boolean bool(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new InvalidValueException("must be true or false");
        }
        return text.equals("true");
    }

    private ImportId receive(HttpHeaders headers, InputStream body, boolean dryRun) throws IOException {
        try (Places.Place _ = places.take();
                InputStream content = ImportBody.decoded(headers, body)) {
            return receive(rows(headers, content), dryRun);
        }
    }

    private Rows rows(HttpHeaders headers, InputStream content) throws IOException {
        Lines lines = new Lines(content);
        return MediaType.valueOf(CsvRows.MEDIA_TYPE).isCompatible(headers.getMediaType())
                ? CsvRows.of(lines, reader)
                : new NdjsonRows(lines, reader);
    }

    private ImportId receive(Rows rows, boolean dryRun) {
        try (Upload upload = imports.begin(current.caller(), dryRun)) {
            read(rows, upload);
            upload.complete();
            return upload.job();
        }
    }

    private void read(Rows rows, Upload upload) {
        try {
            while (rows.readNext(upload)) {
                // The upload has the row.
            }
        } catch (StoppableStream.StoppedException e) {
            throw brokenOff(ProblemCode.STOPPING, ProblemCode.STOPPING.detail(), upload);
        } catch (IOException e) {
            throw brokenOff(ProblemCode.MALFORMED_REQUEST, BROKEN_OFF, upload);
        }
    }

    private boolean isToStop() {
        Instant end = stopAt;
        return end != null && Instant.now().isAfter(end);
    }

    private static UnreadableBodyException brokenOff(ProblemCode code, String reason, Upload upload) {
        return new UnreadableBodyException(
                code, reason + " What had arrived is stored by the import " + upload.job() + "; send the file again.");
    }

    @GET
    @Operation(
            operationId = "listImports",
            summary = "List imports",
            description = "The newest first, those that ended some weeks ago excepted.")
    @Parameter(
            name = "status",
            in = ParameterIn.QUERY,
            description = "Imports with one of these, between commas: RECEIVING, RUNNING, FINISHED, INCOMPLETE.",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "At most so many, 1 to 1000; 100 if absent.",
            schema = @Schema(type = SchemaType.INTEGER))
    @Parameter(
            name = "cursor",
            in = ParameterIn.QUERY,
            description = "The next_cursor of the page before.",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "A page of imports",
            content = @Content(schema = @Schema(implementation = ImportJson.Listed.class)))
    public ImportJson.Listed list(UriInfo uri) {
        Faults faults = new Faults();
        QueryParameters query = new QueryParameters(uri, Set.of("status", "limit", "cursor"), faults);
        Set<State> states = query.values("status", State.values().length, ImportResource::state)
                .<Set<State>>map(EnumSet::copyOf)
                .orElse(EnumSet.allOf(State.class));
        int limit = query.limit("limit", PAGE, MAX_PAGE);
        Optional<ImportId> before = query.value("cursor", Cursor::importJob);
        faults.throwIfAny();
        return ImportJson.Listed.from(imports.jobs(states, before.orElse(null), limit));
    }

    private static State state(String text) {
        return Stream.of(State.values())
                .filter(state -> state.name().equals(text))
                .findFirst()
                .orElseThrow(() -> new InvalidValueException("must be RECEIVING, RUNNING, FINISHED or INCOMPLETE"));
    }

    @GET
    @Path("/{import_id}")
    @Operation(
            operationId = "getImport",
            summary = "See how far an import is",
            description = "Known for some weeks after its end.")
    @APIResponse(
            responseCode = "200",
            description = "The import as it is now",
            content = @Content(schema = @Schema(implementation = ImportJson.class)))
    @APIResponse(responseCode = "404", description = "There is no such import.")
    public ImportJson get(@PathParam("import_id") String importId) {
        Faults faults = new Faults();
        Optional<ImportId> id = faults.parameter("import_id", importId, ImportId::parse);
        faults.throwIfAny();
        return ImportJson.from(imports.job(id.orElseThrow()));
    }

    @GET
    @Path("/{import_id}/errors")
    @Operation(
            operationId = "listImportErrors",
            summary = "List the rows of an import that were not stored",
            description = "In the order of the file, the first hundred thousand that were found. While the import is "
                    + "under way, more may come anywhere.")
    @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            description = "At most so many, 1 to 10000; 1000 if absent.",
            schema = @Schema(type = SchemaType.INTEGER))
    @Parameter(
            name = "cursor",
            in = ParameterIn.QUERY,
            description = "The next_cursor of the page before.",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "A page of errors",
            content = @Content(schema = @Schema(implementation = ImportJson.Errors.class)))
    @APIResponse(responseCode = "404", description = "There is no such import.")
    public ImportJson.Errors errors(@PathParam("import_id") String importId, UriInfo uri) {
        Faults faults = new Faults();
        Optional<ImportId> id = faults.parameter("import_id", importId, ImportId::parse);
        QueryParameters query = new QueryParameters(uri, Set.of("limit", "cursor"), faults);
        int limit = query.limit("limit", PAGE_OF_ERRORS, MAX_PAGE_OF_ERRORS);
        Optional<Long> after = query.value("cursor", Cursor::line);
        faults.throwIfAny();
        return ImportJson.Errors.from(imports.failures(id.orElseThrow(), after.orElse(null), limit));
    }
}
