package io.deviceregistry.application.port.out;

import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ImportEndedException;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps imports durably: the chunks of their files until they are worked on, and what came of them. Any number of
 * processes may call at once. Every method may throw {@link StoreUnavailableException}.
 */
public interface ImportJobs {

    /** Of an import, so many failures are kept; beyond that they are only counted. */
    int MAX_FAILURES = 100_000;

    /** So often work on a chunk may fail for a fault of the registry's own. Its rows are given up then. */
    int MAX_TRIES = 5;

    ImportId begin(Caller by, boolean dryRun);

    /**
     * Adds the next chunk of a file, to be worked on at once.
     *
     * @param number from 0 on, ascending
     * @throws ImportEndedException if the import was ended
     */
    void append(ImportId job, long number, ImportChunk chunk);

    /**
     * Ends what arrives of an import, unless it was ended before.
     *
     * @param whole whether it is the whole file
     * @return whether this ended it, and not an earlier call
     */
    boolean end(ImportId job, boolean whole);

    /**
     * Ends imports, as not whole, of which nothing has arrived for some time: the process that received them is gone.
     *
     * @return how many
     */
    int endSilent(Duration silence);

    Optional<ImportJob> job(ImportId id);

    /**
     * Imports, the newest first.
     *
     * @param states only those in one of these
     * @param before only those that began before this one
     */
    Page<ImportJob, ImportId> jobs(Set<ImportJob.State> states, @Nullable ImportId before, int limit);

    /**
     * Failures by their lines.
     *
     * @param after only lines behind this one
     */
    Page<ImportFailure, Long> failures(ImportId id, @Nullable Long after, int limit);

    /**
     * Works on a chunk that nobody else works on: of those that wait the one that is first in its file. All that the work
     * changes in the store becomes durable together with its result, and the chunk is gone then. If the work throws,
     * nothing of it is stored, and its rows wait for another try, each as a chunk of its own. A chunk that cannot be read
     * waits as it is; after {@link #MAX_TRIES} it is gone, and its rows have failed, of which no lines are known.
     *
     * @param work may change the store once, and may be called again if that had to begin anew
     * @param retryIn how long they wait. After {@link StoreUnavailableException} the chunk waits for the same time as it
     *     is, and no try is counted
     * @return whether there was one
     */
    boolean workOnNext(Function<Work, Result> work, Duration retryIn);

    /**
     * A chunk to be worked on.
     *
     * @param by who imports
     * @param tries how often work on it has thrown
     */
    record Work(ImportId job, Caller by, int tries, ImportChunk chunk) {}

    /**
     * What came of a chunk's rows.
     *
     * @param failures those that the chunk came with included
     */
    record Result(int stored, int unchanged, List<ImportFailure> failures) {
        public Result {
            failures = List.copyOf(failures);
        }
    }

    /**
     * Deletes imports that were done this long ago.
     *
     * @param limit how many rows, failures included
     * @return how many; fewer than the limit if there are no more
     */
    int purge(Duration age, int limit);
}
