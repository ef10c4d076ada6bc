package io.deviceregistry.application.service;

import io.deviceregistry.application.port.in.SyncDevices;
import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.ProviderId;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * The threads that keep calling {@link SyncDevices#syncNext}: at once while there is work, else when woken by a
 * registration of this process. For what other processes or the clock made due one idle thread looks after a jittered poll
 * interval, and whoever finds work twice in a row calls another one in.
 */
public final class SyncWorkers implements AutoCloseable {
    private static final Logger LOG = System.getLogger(SyncWorkers.class.getName());

    /** A longer pause may be lifted by another replica, so it is looked at again after this. */
    private static final Duration LONGEST_CLOSED_PAUSE = Duration.ofSeconds(15);

    private final SyncDevices sync;
    private final Map<ProviderId, Alarm> alarms;
    private final int workersPerProvider;
    private final Duration pollInterval;
    private final RandomGenerator random;
    private final WorkerThreads threads;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /**
     * @param random safe for many threads
     * @throws IllegalArgumentException naming the key of a setting with which nothing would ever be sent
     */
    public SyncWorkers(
            SyncDevices sync,
            Collection<ProviderId> providers,
            int workersPerProvider,
            Duration pollInterval,
            ThreadFactory threadFactory,
            RandomGenerator random) {
        if (workersPerProvider < 1) {
            throw new IllegalArgumentException("registry.sync.workers must be at least 1");
        }
        if (!pollInterval.isPositive()) {
            throw new IllegalArgumentException("registry.sync.poll-interval must be longer than nothing");
        }
        this.sync = sync;
        this.alarms =
                providers.stream().collect(Collectors.toMap(Function.identity(), _ -> new Alarm(workersPerProvider)));
        this.workersPerProvider = workersPerProvider;
        this.pollInterval = pollInterval;
        this.threads = new WorkerThreads(threadFactory);
        this.random = random;
    }

    /** Starts the threads. To be called once. */
    public void start() {
        alarms.forEach((provider, alarm) -> threads.start(workersPerProvider, () -> work(provider, alarm)));
    }

    /** Lets one idle worker of each provider look for work at once. Does not block. */
    public void wake() {
        alarms.values().forEach(Alarm::ring);
    }

    /** Lets nothing further begin; what is leased and not sent is given back. Does not block. */
    public void stop() {
        sync.stop();
        stopping.countDown();
        alarms.values().forEach(Alarm::ringForAll);
    }

    /** Stops, lets calls under way finish and be settled, and returns when every thread has ended. */
    @Override
    public void close() {
        stop();
        threads.join();
    }

    private void work(ProviderId provider, Alarm alarm) {
        boolean busy = false;
        try {
            while (stopping.getCount() > 0) {
                boolean wasBusy = busy;
                Round round = next(provider);
                busy = round instanceof Round.Worked;
                switch (round) {
                    case Round.Worked _ -> {
                        if (wasBusy) {
                            alarm.ringForIdle();
                        }
                    }
                    case Round.Idle _ -> alarm.await(jittered(pollInterval));
                    // A registration does not open the gate, so its alarm is not listened to.
                    case Round.Closed(Duration retryIn) ->
                        stopping.await(
                                Durations.shorter(retryIn, LONGEST_CLOSED_PAUSE).toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Round next(ProviderId provider) {
        try {
            return sync.syncNext(provider);
        } catch (StoreUnavailableException e) {
            LOG.log(Level.WARNING, "Sync with {0} waits for the store: {1}", provider, e.getCause());
        } catch (RuntimeException | Error e) {
            // A worker must outlive any fault; the lease of what it worked on runs out by itself.
            LOG.log(Level.ERROR, "A sync round with " + provider + " failed", e);
        }
        return new Round.Closed(pollInterval);
    }

    /** Half to one and a half times the interval, so that replicas started together do not poll together. */
    private long jittered(Duration interval) {
        return interval.toMillis() / 2 + random.nextLong(interval.toMillis() + 1);
    }
}
