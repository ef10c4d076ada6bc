package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An error as RFC 9457 has it, with a stable code and the two members that clients of Bunce's API read. */
@Schema(name = "Problem", description = "An error, as RFC 9457 has it, with a stable code.")
@JsonPropertyOrder({"type", "title", "status", "detail", "code", "success", "message", "errors"})
@JsonInclude(JsonInclude.Include.NON_NULL)
record ProblemJson(
        @Schema(examples = "about:blank") String type,

        @Schema(examples = "Unprocessable Content") String title,

        @Schema(description = "The HTTP status.", examples = "422")
        int status,

        String detail,
        ProblemCode code,

        @Schema(description = "Always false; clients of Bunce's API read it.")
        boolean success,

        @Schema(description = "The detail again; clients of Bunce's API read it.")
        String message,

        @Schema(description = "Every fault of the request; with the status 422 only.") @Nullable List<Fault> errors) {

    static final String MEDIA_TYPE = "application/problem+json";

    static ProblemJson of(ProblemCode code) {
        return of(code, code.detail(), null);
    }

    static ProblemJson of(ProblemCode code, String detail, @Nullable List<Fault> errors) {
        return new ProblemJson("about:blank", code.title(), code.status(), detail, code, false, detail, errors);
    }
}
