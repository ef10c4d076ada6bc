package io.deviceregistry.adapter.in.rest;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How far an import is. */
@Schema(name = "Import")
@JsonNaming(SnakeCaseStrategy.class)
record ImportJson(
        UUID importId,

        @Schema(
                description = "RECEIVING while the file arrives, RUNNING while the rest is stored, then FINISHED. "
                        + "INCOMPLETE if the file broke off: what arrived is stored.")
        ImportJob.State status,

        boolean dryRun,
        String importedBy,

        @Schema(description = "Rows that have arrived.") long rowsRead,

        @Schema(description = "Rows that made or changed a device.")
        long rowsStored,

        @Schema(description = "Rows that said what was known, or something older.")
        long rowsUnchanged,

        @Schema(description = "Rows that were not stored; the errors tell why.")
        long rowsFailed,

        @Schema(description = "Rows that were done in a second, over the whole time.")
        double rowsPerSecond,

        @Schema(description = "At that pace; null before the whole file has arrived, and when all is done.") @Nullable Long secondsLeft,

        Instant startedAt,

        @Schema(description = "When the last row that arrived was done; null while there is more to do.") @Nullable Instant finishedAt) {

    static ImportJson from(ImportJob job) {
        return new ImportJson(
                job.id().value(),
                job.state(),
                job.dryRun(),
                job.by().name(),
                job.read(),
                job.stored(),
                job.unchanged(),
                job.failed(),
                Math.round(job.rowsPerSecond() * 10) / 10.0,
                job.timeLeft().map(left -> left.plusMillis(999).toSeconds()).orElse(null),
                job.startedAt(),
                job.finishedAt());
    }

    @Schema(name = "Imports")
    @JsonNaming(SnakeCaseStrategy.class)
    record Listed(
            List<ImportJson> imports,

            @Schema(description = "Null on the last page.") @Nullable String nextCursor) {
        static Listed from(Page<ImportJob, ImportId> page) {
            return new Listed(
                    page.items().stream().map(ImportJson::from).toList(),
                    page.next() == null ? null : Cursor.after(page.next()));
        }
    }

    @Schema(name = "ImportErrors")
    @JsonNaming(SnakeCaseStrategy.class)
    record Errors(
            List<FailedRow> errors,

            @Schema(description = "Null if there are no more by now.") @Nullable String nextCursor) {
        static Errors from(Page<ImportFailure, Long> page) {
            return new Errors(
                    page.items().stream()
                            .map(failure -> new FailedRow(failure.line(), failure.reason()))
                            .toList(),
                    page.next() == null ? null : Cursor.afterLine(page.next()));
        }
    }

    @Schema(name = "ImportError")
    record FailedRow(
            @Schema(description = "From 1 on; the line of names counts in CSV.")
            long line,

            String reason) {}
}
