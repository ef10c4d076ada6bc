package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.ImportDevices;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;

/**
 * The threads that keep calling {@link ImportDevices#storeNext}: at once while there is work, else when woken by an upload
 * to this process. For what other processes received or left behind one idle thread looks from time to time, and whoever
 * finds work twice in a row calls another one in.
 */
public final class ImportWorkers implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ImportWorkers.class.getName());
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private final int workers;
    private final WorkerThreads threads;
    private final Alarm alarm;
    private volatile boolean stopping;

    /**
     * @param workers none for a process that leaves the work to others
     * @throws IllegalArgumentException naming the key of a number that makes no sense
     */
    public ImportWorkers(int workers, ThreadFactory threadFactory) {
        if (workers < 0) {
            throw new IllegalArgumentException("registry.import.workers must be at least 0");
        }
        this.workers = workers;
        this.threads = new WorkerThreads(threadFactory);
        this.alarm = new Alarm(workers);
    }

    /** Starts the threads. To be called once. */
    public void start(ImportDevices imports) {
        threads.start(workers, () -> work(imports));
    }

    /** Lets an idle worker look for work at once. Does not block. */
    public void wake() {
        alarm.ring();
    }

    /** Lets nothing further begin. Does not block. */
    public void stop() {
        stopping = true;
        alarm.ringForAll();
    }

    /** Stops, and returns when what was under way is done. */
    @Override
    public void close() {
        stop();
        threads.join();
    }

    private void work(ImportDevices imports) {
        boolean busy = false;
        try {
            while (!stopping) {
                boolean stored = storeNext(imports);
                if (!stored) {
                    alarm.await(POLL_INTERVAL.toMillis());
                } else if (busy) {
                    alarm.ringForIdle();
                }
                busy = stored;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A worker must outlive any fault; what it worked on waits for another try. */
    private static boolean storeNext(ImportDevices imports) {
        try {
            return imports.storeNext();
        } catch (StoreUnavailableException e) {
            LOG.log(Level.WARNING, "An import waits for the store: {0}", String.valueOf(e.getCause()));
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "A part of an import could not be stored; it is tried again", e);
        }
        return false;
    }
}
