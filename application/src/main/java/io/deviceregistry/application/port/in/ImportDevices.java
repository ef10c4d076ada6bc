package io.deviceregistry.application.port.in;

import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ImportEndedException;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import io.deviceregistry.domain.ImportRow;
import io.deviceregistry.domain.UnknownImportException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings devices in from a file of any size, behind those that are being registered. Every method may throw {@link
 * StoreUnavailableException}.
 *
 * <p>A row is a registration, with one difference: unless it says when it was true, it is no sign of life of a device
 * that is known already, so the same file again changes nothing. Rows that cannot be stored are noted, and hinder no
 * others.
 *
 * <p>Rows are kept durably as they arrive, a hundred or so together, and such a part is stored in one transaction, once,
 * whatever crashes. If the registry itself fails to store a part, its rows are tried again one by one, each some times.
 * Parts are begun in the order of the file and may be worked on side by side: of two rows with one token the later one
 * wins if they are in one part, else the one that says that it was true later; if neither says so, mostly the later one.
 */
public interface ImportDevices {

    /** @param dryRun whether rows are only checked, each by itself */
    Upload begin(Caller by, boolean dryRun);

    /**
     * A file that is arriving. Closed without having been completed, it has broken off: what arrived is stored, and the
     * job says that it is not the whole. For one thread.
     */
    interface Upload extends AutoCloseable {
        ImportId job();

        /** @throws ImportEndedException if nothing had arrived for long and the import was given up */
        void add(ImportRow row);

        /**
         * Notes a line that is none.
         *
         * @throws ImportEndedException as above
         */
        void fail(ImportFailure failure);

        /**
         * Says that this was the whole file. All of it is durable on return.
         *
         * @throws ImportEndedException as above
         */
        void complete();

        @Override
        void close();
    }

    /** @throws UnknownImportException if there is none, or it was long ago */
    ImportJob job(ImportId id);

    /**
     * Imports, the newest first, until they are forgotten.
     *
     * @param states only those in one of these
     * @param before only those that began before this one
     */
    Page<ImportJob, ImportId> jobs(Set<ImportJob.State> states, @Nullable ImportId before, int limit);

    /**
     * Lines that were not stored, in the order of the file. While the job is not done, more may come anywhere.
     *
     * @param after only lines behind this one
     * @throws UnknownImportException if there is no such job
     */
    Page<ImportFailure, Long> failures(ImportId id, @Nullable Long after, int limit);

    /**
     * Stores the next part of any import, if one waits. Any number of processes and threads may call at once.
     *
     * @return whether there was one
     */
    boolean storeNext();
}
