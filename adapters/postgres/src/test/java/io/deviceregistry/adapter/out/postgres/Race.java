package io.deviceregistry.adapter.out.postgres;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.domain.DeviceStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Threads that call one registry for a while, without a pause, and what it answered. */
final class Race {
    private static final int MOST_FOUND = 1_000;

    private final OrderedStore store;
    private final Duration time;
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final List<Runnable> runners = new ArrayList<>();

    /**
     * @param runner whose actor it was
     * @param begun a moment before the call, as {@code ended} is one after it
     * @param order when the change happened; {@link OrderedStore#NEVER} if it came to none
     */
    record Call(int runner, Operation operation, long begun, long order, long ended, Object answer) {}

    Race(OrderedStore store, Duration time) {
        this.store = store;
        this.time = time;
    }

    /** Adds a thread that does one operation after the other. */
    void add(Actor actor, Supplier<Operation> operations) {
        int runner = runners.size();
        add(() -> {
            Operation operation = operations.get();
            long begun = store.now();
            Object answer = actor.does(operation);
            calls.add(new Call(runner, operation, begun, store.takeLatest(), store.now(), answer));
        });
    }

    /** Adds a thread that does one thing again and again. */
    void add(Runnable runner) {
        runners.add(runner);
    }

    /** Adds a thread that looks, again and again, whether a token has more than one holder. */
    void addLookingForSecondHolders(UseCases useCases, Random random, int tokens) {
        add(() -> {
            DeviceQuery holders = new DeviceQuery(
                    null,
                    Actor.token(random.nextInt(tokens)),
                    null,
                    null,
                    Set.of(DeviceStatus.ACTIVE),
                    null,
                    null,
                    null,
                    MOST_FOUND);
            assertThat(useCases.find().devices(holders).items()).hasSizeLessThanOrEqualTo(1);
        });
    }

    /**
     * @return all calls
     * @throws AssertionError if one failed
     */
    List<Call> run() throws InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(runners.size())) {
            long end = System.nanoTime() + time.toNanos();
            List<Future<?>> running = new ArrayList<>();
            for (Runnable runner : runners) {
                running.add(threads.submit(() -> {
                    while (System.nanoTime() < end) {
                        runner.run();
                    }
                }));
            }
            for (Future<?> one : running) {
                // A call gives up by itself before that.
                one.get(time.toSeconds() + 30, SECONDS);
            }
            return List.copyOf(calls);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("A call failed", e);
        }
    }
}
