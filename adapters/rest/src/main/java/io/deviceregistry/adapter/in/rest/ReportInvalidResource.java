package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.in.ReportInvalidDevices;
import io.deviceregistry.application.port.in.ReportInvalidDevices.Report;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.InvalidReason;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.Registry.ReportOutcome;
import io.quarkus.security.PermissionsAllowed;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** For those who send pushes and learn that a token is dead. */
@Path("/v1/devices:report-invalid")
@Produces(MediaType.APPLICATION_JSON)
@PermissionsAllowed(Scopes.DEVICES_WRITE)
@RunOnVirtualThread
@Tag(name = "Devices")
class ReportInvalidResource {
    static final int MAX_REPORTS = 1_000;

    private final ReportInvalidDevices reportInvalidDevices;
    private final DeviceReader reader;
    private final IdempotentAnswers answers;
    private final CurrentCaller current;

    ReportInvalidResource(
            ReportInvalidDevices reportInvalidDevices,
            DeviceReader reader,
            IdempotentAnswers answers,
            CurrentCaller current) {
        this.reportInvalidDevices = reportInvalidDevices;
        this.reader = reader;
        this.answers = answers;
        this.current = current;
    }

    @Schema(name = "InvalidTokens")
    record Request(
            @Schema(minItems = 1, maxItems = MAX_REPORTS) List<InvalidToken> reports) {}

    @Schema(name = "InvalidToken")
    @JsonNaming(SnakeCaseStrategy.class)
    record InvalidToken(
            String deviceToken,

            @Schema(
                    maxLength = 64,
                    examples = "UNREGISTERED",
                    description = "A word, such as the push service's own; REPORTED if absent.")
            @Nullable String reason,

            @Schema(description = "When it was found dead, if not now; at most five minutes ahead.") @Nullable Instant observedAt) {}

    @Schema(name = "ReportResults")
    record Results(List<Result> results) {}

    /** What became of a report. */
    @Schema(name = "ReportStatus")
    enum Status {
        invalidated,
        ignored,
        unknown
    }

    @Schema(
            name = "ReportResult",
            description = "invalidated: the device is INVALID now; ignored: it was seen or changed since; unknown: no "
                    + "active device has the token.")
    record Result(int index, Status status) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "reportInvalid",
            summary = "Report dead tokens",
            description = "A device is made INVALID unless it was seen after the report's time, or less than a minute "
                    + "before. A later registration of its token revives it.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = Request.class)))
    @APIResponse(
            responseCode = "200",
            description = "One result per report, in the request's order",
            content = @Content(schema = @Schema(implementation = Results.class)))
    public Response report(InputStream body) {
        Faults faults = new Faults();
        answers.check(faults);
        JsonBody request = JsonBody.readMany(body);
        JsonObject root = JsonObject.body(request.root(), Set.of("reports"), faults);
        List<Report> reports = new ArrayList<>();
        if (root != null) {
            for (JsonObject report :
                    root.requiredObjects("reports", 1, MAX_REPORTS, Set.of("device_token", "reason", "observed_at"))) {
                Optional.ofNullable(report)
                        .flatMap(members -> read(members, faults))
                        .ifPresent(reports::add);
            }
        }
        faults.throwIfAny();
        List<Result> results = new ArrayList<>();
        for (int from = 0; from < reports.size(); from += ReportInvalidDevices.MAX_REPORTS) {
            List<Report> step =
                    reports.subList(from, Math.min(reports.size(), from + ReportInvalidDevices.MAX_REPORTS));
            for (Status status : answers.step(request, from, Status[].class, () -> report(step))) {
                results.add(new Result(results.size(), status));
            }
        }
        return answers.marked(Response.ok(new Results(results))).build();
    }

    private Status[] report(List<Report> step) {
        return reportInvalidDevices.report(current.caller(), step).stream()
                .map(ReportInvalidResource::status)
                .toArray(Status[]::new);
    }

    private static Status status(ReportOutcome outcome) {
        return switch (outcome) {
            case INVALIDATED -> Status.invalidated;
            case IGNORED -> Status.ignored;
            case UNKNOWN -> Status.unknown;
        };
    }

    private Optional<Report> read(JsonObject report, Faults faults) {
        Optional<DeviceToken> token = reader.token(report, "device_token", faults);
        InvalidReason reason = faults.member(
                        report.pointerTo("reason"), report.optionalText("reason"), InvalidReason::new)
                .orElse(InvalidReason.REPORTED);
        Observation observed = reader.observed(report, faults);
        return token.map(dead -> new Report(dead, reason, observed));
    }
}
