package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.ImportDevices;
import io.deviceregistry.application.port.out.ImportChunk;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.ImportEndedException;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import io.deviceregistry.domain.ImportRow;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.RegistryException;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.UnknownImportException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Parts files into chunks, and stores each chunk in one transaction. */
public final class ImportDevicesService implements ImportDevices {
    private static final Logger LOG = System.getLogger(ImportDevicesService.class.getName());

    /** Two locks for each are held until the transaction ends, and the database's table of them has room for some thousands. */
    static final int CHUNK_ROWS = 90;

    /** So that one line now and then is worked on in time, and shows that the file is still arriving. */
    static final Duration CHUNK_TIME = Duration.ofSeconds(5);

    /** After a fault of the registry's own, which the same rows may meet again. */
    private static final Duration RETRY_IN = Duration.ofSeconds(10);

    private static final String OWN_FAULT = "could not be stored for a fault of the registry; import it again later";

    private final ImportJobs jobs;
    private final RegistryWriter writer;
    private final int maxDevices;
    private final Runnable wakeWorkers;
    private final InstantSource clock;

    /**
     * @param maxDevices the most active devices that a customer may have
     * @param wakeWorkers called when there is something to store; must not block
     * @param clock paces the chunks of slow files
     */
    public ImportDevicesService(
            ImportJobs jobs, RegistryWriter writer, int maxDevices, Runnable wakeWorkers, InstantSource clock) {
        this.jobs = jobs;
        this.writer = writer;
        this.maxDevices = maxDevices;
        this.wakeWorkers = wakeWorkers;
        this.clock = clock;
    }

    @Override
    public Upload begin(Caller by, boolean dryRun) {
        return new ChunkedUpload(jobs.begin(by, dryRun), dryRun);
    }

    private final class ChunkedUpload implements Upload {
        private final ImportId job;
        private final boolean dryRun;
        private final List<ImportRow> rows = new ArrayList<>();
        private final List<ImportFailure> failures = new ArrayList<>();
        private int read;
        private long number;
        private Instant begun = clock.instant();
        private boolean complete;

        ChunkedUpload(ImportId job, boolean dryRun) {
            this.job = job;
            this.dryRun = dryRun;
        }

        @Override
        public ImportId job() {
            return job;
        }

        @Override
        public void add(ImportRow row) {
            if (!dryRun) {
                rows.add(row);
            }
            count();
        }

        @Override
        public void fail(ImportFailure failure) {
            failures.add(failure);
            count();
        }

        private void count() {
            read++;
            if (read == CHUNK_ROWS || clock.instant().isAfter(begun.plus(CHUNK_TIME))) {
                append();
            }
        }

        private void append() {
            if (read > 0) {
                ImportChunk chunk = new ImportChunk(read, rows, failures);
                // Whether or not it can be appended: close() appends only what nobody has tried to.
                rows.clear();
                failures.clear();
                read = 0;
                jobs.append(job, number++, chunk);
                wakeWorkers.run();
            }
            begun = clock.instant();
        }

        @Override
        public void complete() {
            append();
            if (!jobs.end(job, true)) {
                throw new ImportEndedException(job);
            }
            complete = true;
        }

        @Override
        public void close() {
            if (complete) {
                return;
            }
            try {
                append();
            } finally {
                jobs.end(job, false);
            }
        }
    }

    @Override
    public ImportJob job(ImportId id) {
        return jobs.job(id).orElseThrow(() -> new UnknownImportException(id));
    }

    @Override
    public Page<ImportJob, ImportId> jobs(Set<ImportJob.State> states, @Nullable ImportId before, int limit) {
        return jobs.jobs(states, before, limit);
    }

    @Override
    public Page<ImportFailure, Long> failures(ImportId id, @Nullable Long after, int limit) {
        job(id);
        return jobs.failures(id, after, limit);
    }

    @Override
    public boolean storeNext() {
        return jobs.workOnNext(this::store, RETRY_IN);
    }

    private ImportJobs.Result store(ImportJobs.Work work) {
        ImportChunk chunk = work.chunk();
        if (chunk.rows().isEmpty()) {
            return new ImportJobs.Result(0, 0, chunk.failures());
        }
        if (work.tries() >= ImportJobs.MAX_TRIES) {
            LOG.log(
                    Level.ERROR,
                    "{0} rows of import {1} are given up",
                    chunk.rows().size(),
                    work.job());
            return new ImportJobs.Result(
                    0,
                    0,
                    Stream.concat(
                                    chunk.failures().stream(),
                                    chunk.rows().stream().map(row -> new ImportFailure(row.line(), OWN_FAULT)))
                            .toList());
        }
        return writer.catchUp(work.by(), scope(chunk.rows()), registry -> store(registry, chunk));
    }

    private ImportJobs.Result store(Registry registry, ImportChunk chunk) {
        int stored = 0;
        int unchanged = 0;
        List<ImportFailure> failures = new ArrayList<>(chunk.failures());
        for (ImportRow row : chunk.rows()) {
            try {
                Registration registration = registry.bringIn(row.customer(), row.device(), maxDevices);
                if (registration.outcome() == Registration.Outcome.EXISTING) {
                    unchanged++;
                } else {
                    stored++;
                }
            } catch (RegistryException e) {
                failures.add(new ImportFailure(row.line(), e.getMessage()));
            }
        }
        return new ImportJobs.Result(stored, unchanged, failures);
    }

    /** In one go, since there are many. */
    private static Scope scope(List<ImportRow> rows) {
        Set<CustomerId> customers = new HashSet<>();
        Set<Scope.Token> tokens = new HashSet<>();
        boolean formerHolders = false;
        for (ImportRow row : rows) {
            customers.add(row.customer());
            tokens.add(new Scope.Token(row.customer(), row.device().token()));
            formerHolders |= row.device().observed().at() != null;
        }
        return new Scope(customers, tokens, Set.of(), formerHolders);
    }
}
