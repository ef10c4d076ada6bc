package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportRow;
import java.util.List;

/**
 * Neighbouring lines of an imported file.
 *
 * @param read how many rows they are, good or bad
 * @param rows those that are to be stored, in the order of the file; none of a dry run
 * @param failures those that cannot be
 */
public record ImportChunk(int read, List<ImportRow> rows, List<ImportFailure> failures) {
    public ImportChunk {
        rows = List.copyOf(rows);
        failures = List.copyOf(failures);
    }
}
