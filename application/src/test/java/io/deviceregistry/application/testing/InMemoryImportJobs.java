package io.deviceregistry.application.testing;

import io.deviceregistry.application.port.out.ImportChunk;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ImportEndedException;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import io.deviceregistry.domain.ImportJob.State;
import io.deviceregistry.domain.ImportRow;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Imports over maps, beside a registry. */
public final class InMemoryImportJobs implements ImportJobs {
    private final InMemoryRegistry registry;
    private final InstantSource clock;
    private final Map<ImportId, Job> jobs = new LinkedHashMap<>();
    private long begun;

    public InMemoryImportJobs(InMemoryRegistry registry, InstantSource clock) {
        this.registry = registry;
        this.clock = clock;
    }

    private static final class Waiting {
        private final long number;
        private final ImportChunk chunk;
        private boolean taken;
        private int tries;
        private Instant dueAt;

        Waiting(long number, ImportChunk chunk, Instant dueAt) {
            this.number = number;
            this.chunk = chunk;
            this.dueAt = dueAt;
        }
    }

    private static final class Job {
        private final ImportId id;
        private final Caller by;
        private final boolean dryRun;
        private final Instant startedAt;
        private final Map<Long, Waiting> waiting = new TreeMap<>();
        private final Map<Long, ImportFailure> failures = new TreeMap<>();
        private Instant heardAt;
        private @Nullable Boolean whole;
        private long done;
        private long stored;
        private long unchanged;
        private long failed;
        private @Nullable Instant finishedAt;

        Job(ImportId id, Caller by, boolean dryRun, Instant now) {
            this.id = id;
            this.by = by;
            this.dryRun = dryRun;
            this.startedAt = now;
            this.heardAt = now;
        }

        void finishIfDone(Instant now) {
            if (whole != null && waiting.isEmpty() && finishedAt == null) {
                finishedAt = now;
            }
        }

        void add(Result result, int rows) {
            done += rows;
            stored += result.stored();
            unchanged += result.unchanged();
            failed += result.failures().size();
            result.failures().stream()
                    .limit(MAX_FAILURES - failures.size())
                    .forEach(failure -> failures.put(failure.line(), failure));
        }

        ImportJob shown(Instant now) {
            State state = whole == null
                    ? State.RECEIVING
                    : !whole ? State.INCOMPLETE : finishedAt == null ? State.RUNNING : State.FINISHED;
            long arrived =
                    waiting.values().stream().mapToLong(one -> one.chunk.read()).sum();
            return new ImportJob(
                    id, by, dryRun, state, done + arrived, done, stored, unchanged, failed, startedAt, finishedAt, now);
        }
    }

    private record Taken(Job job, Waiting waiting) {}

    @Override
    public synchronized ImportId begin(Caller by, boolean dryRun) {
        Job job = new Job(new ImportId(new UUID(++begun, 0)), by, dryRun, clock.instant());
        jobs.put(job.id, job);
        return job.id;
    }

    @Override
    public synchronized void append(ImportId id, long number, ImportChunk chunk) {
        Job job = job(id, true);
        job.waiting.put(number, new Waiting(number, chunk, clock.instant()));
        job.heardAt = clock.instant();
    }

    private Job job(ImportId id, boolean receiving) {
        Job job = jobs.get(id);
        if (job == null || (receiving && job.whole != null)) {
            throw new ImportEndedException(id);
        }
        return job;
    }

    @Override
    public synchronized boolean end(ImportId id, boolean whole) {
        Job job = Objects.requireNonNull(jobs.get(id));
        if (job.whole != null) {
            return false;
        }
        job.whole = whole;
        job.finishIfDone(clock.instant());
        return true;
    }

    @Override
    public synchronized int endSilent(Duration silence) {
        List<Job> silent = jobs.values().stream()
                .filter(job -> job.whole == null)
                .filter(job -> job.heardAt.isBefore(clock.instant().minus(silence)))
                .toList();
        silent.forEach(job -> end(job.id, false));
        return silent.size();
    }

    @Override
    public synchronized Optional<ImportJob> job(ImportId id) {
        return Optional.ofNullable(jobs.get(id)).map(job -> job.shown(clock.instant()));
    }

    @Override
    public synchronized Page<ImportJob, ImportId> jobs(Set<State> states, @Nullable ImportId before, int limit) {
        List<ImportJob> newestFirst = jobs.values().stream()
                .map(job -> job.shown(clock.instant()))
                .toList()
                .reversed();
        return Page.of(
                newestFirst.stream()
                        .filter(job -> before == null || job.id().toString().compareTo(before.toString()) < 0)
                        .filter(job -> states.contains(job.state()))
                        .limit(limit + 1L)
                        .toList(),
                limit,
                ImportJob::id);
    }

    @Override
    public synchronized Page<ImportFailure, Long> failures(ImportId id, @Nullable Long after, int limit) {
        Stream<ImportFailure> failures = Optional.ofNullable(jobs.get(id)).stream()
                .flatMap(job -> job.failures.values().stream())
                .filter(failure -> after == null || failure.line() > after);
        return Page.of(failures.limit(limit + 1L).toList(), limit, ImportFailure::line);
    }

    @Override
    public boolean workOnNext(Function<Work, Result> work, Duration retryIn) {
        Optional<Taken> next = take();
        if (next.isEmpty()) {
            return false;
        }
        Job job = next.get().job();
        Waiting waiting = next.get().waiting();
        try {
            Result result =
                    registry.atomically(() -> work.apply(new Work(job.id, job.by, waiting.tries, waiting.chunk)));
            done(job, waiting, result);
            return true;
        } catch (StoreUnavailableException e) {
            putOff(waiting, retryIn);
            throw e;
        } catch (RuntimeException | Error e) {
            part(job, waiting, retryIn);
            throw e;
        }
    }

    private synchronized Optional<Taken> take() {
        Optional<Taken> next = jobs.values().stream()
                .flatMap(job -> job.waiting.values().stream().map(waiting -> new Taken(job, waiting)))
                .filter(one -> !one.waiting().taken && !one.waiting().dueAt.isAfter(clock.instant()))
                .min(Comparator.comparingLong(one -> one.waiting().number));
        next.ifPresent(one -> one.waiting().taken = true);
        return next;
    }

    private synchronized void done(Job job, Waiting waiting, Result result) {
        job.waiting.remove(waiting.number);
        job.add(result, waiting.chunk.read());
        job.finishIfDone(clock.instant());
    }

    private synchronized void putOff(Waiting waiting, Duration retryIn) {
        waiting.taken = false;
        waiting.dueAt = clock.instant().plus(retryIn);
    }

    private synchronized void part(Job job, Waiting waiting, Duration retryIn) {
        List<ImportRow> rows = waiting.chunk.rows();
        if (rows.size() < 2) {
            waiting.tries++;
            putOff(waiting, retryIn);
            return;
        }
        job.waiting.remove(waiting.number);
        List<ImportFailure> failures = waiting.chunk.failures();
        int read = waiting.chunk.read() - rows.size() + 1;
        for (ImportRow row : rows) {
            Waiting part = new Waiting(
                    Long.MIN_VALUE + row.line(),
                    new ImportChunk(read, List.of(row), failures),
                    clock.instant().plus(retryIn));
            part.tries = waiting.tries + 1;
            job.waiting.put(part.number, part);
            failures = List.of();
            read = 1;
        }
    }

    @Override
    public synchronized int purge(Duration age, int limit) {
        int purged = 0;
        for (Job job : List.copyOf(jobs.values())) {
            if (job.finishedAt != null
                    && job.finishedAt.isBefore(clock.instant().minus(age))) {
                while (purged < limit && !job.failures.isEmpty()) {
                    job.failures.remove(job.failures.keySet().iterator().next());
                    purged++;
                }
                if (purged < limit) {
                    jobs.remove(job.id);
                    purged++;
                }
            }
        }
        return purged;
    }
}
