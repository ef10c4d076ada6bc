package io.deviceregistry.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far an import is.
 *
 * @param by who imports
 * @param dryRun whether rows are only checked
 * @param read rows that have arrived
 * @param done rows of which it is known what became of them
 * @param stored rows that changed something
 * @param unchanged rows that say what was known
 * @param failed rows that were not stored
 * @param finishedAt when the last row that arrived was done; null while there is more to do
 * @param asOf the time of this record
 */
public record ImportJob(
        ImportId id,
        Caller by,
        boolean dryRun,
        State state,
        long read,
        long done,
        long stored,
        long unchanged,
        long failed,
        Instant startedAt,
        @Nullable Instant finishedAt,
        Instant asOf) {

    public enum State {
        /** The file is arriving; what has arrived is worked on meanwhile. */
        RECEIVING,
        /** The whole file has arrived and is worked on. */
        RUNNING,
        /** All rows of the file are done. */
        FINISHED,
        /** The file broke off. The rows that arrived are worked on, or done. */
        INCOMPLETE
    }

    /** Rows done in a second, over the whole time. */
    public double rowsPerSecond() {
        Duration elapsed = Duration.between(startedAt, finishedAt == null ? asOf : finishedAt);
        return elapsed.isPositive() ? done * 1e9 / elapsed.toNanos() : 0;
    }

    /** How long the rest will take at that pace; empty while that is not known, and when nothing is left. */
    public Optional<Duration> timeLeft() {
        double pace = rowsPerSecond();
        return state == State.RECEIVING || finishedAt != null || pace == 0
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(Math.round((read - done) * 1000 / pace)));
    }
}
