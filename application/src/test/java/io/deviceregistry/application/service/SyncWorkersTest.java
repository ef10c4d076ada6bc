package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.in.SyncDevices;
import io.deviceregistry.application.port.in.SyncDevices.Round;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.application.port.out.ProviderCall;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryGate;
import io.deviceregistry.application.testing.InMemoryProvider;
import io.deviceregistry.application.testing.InMemoryRegistry;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.SyncState;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SyncWorkersTest {
    /** Longer than any test waits: what happens was not found by polling. */
    private static final Duration NEVER = Duration.ofHours(10);

    private static final RandomGenerator RANDOM = new Random(1);

    private final ProviderId one = aProvider();
    private final ProviderId other = aProvider();

    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ThreadFactory threadFactory = work -> {
        Thread thread = Thread.ofVirtual().unstarted(work);
        threads.add(thread);
        return thread;
    };

    /** Quiet while a test makes faults: their stack traces would look like faults of the test. */
    private static final Logger LOGGER = Logger.getLogger(SyncWorkers.class.getName());

    private final AtomicReference<SyncWorkers> running = new AtomicReference<>();

    private SyncWorkers start(
            SyncDevices sync, Collection<ProviderId> providers, int workersPerProvider, Duration pollInterval) {
        SyncWorkers workers = new SyncWorkers(sync, providers, workersPerProvider, pollInterval, threadFactory, RANDOM);
        running.set(workers);
        workers.start();
        return workers;
    }

    @AfterEach
    @Timeout(10)
    void close() {
        running.get().close();
    }

    private interface Play {
        Round round(ProviderId provider);
    }

    /** Plays its rounds one after the other, and is idle then. */
    private static final class Script implements SyncDevices {
        private final Queue<Play> script;
        final List<ProviderId> rounds = new CopyOnWriteArrayList<>();

        Script(Play... script) {
            this.script = new ArrayDeque<>(Arrays.asList(script));
        }

        @Override
        public Round syncNext(ProviderId provider) {
            Play next = next();
            rounds.add(provider);
            return next.round(provider);
        }

        @Override
        public void stop() {}

        private synchronized Play next() {
            Play next = script.poll();
            return next == null ? _ -> new Round.Idle() : next;
        }

        void awaitRounds(int count) {
            await().pollInterval(Duration.ofMillis(5)).until(() -> rounds.size() >= count);
            assertThat(rounds).hasSize(count);
        }
    }

    private static Play idle() {
        return _ -> new Round.Idle();
    }

    private static Round worked(ProviderId provider) {
        return new Round.Worked();
    }

    @Test
    void while_there_is_work_round_follows_round() {
        Script script = new Script(SyncWorkersTest::worked, SyncWorkersTest::worked, SyncWorkersTest::worked);

        start(script, List.of(one), 1, NEVER);

        script.awaitRounds(4);
    }

    @Test
    void every_provider_has_its_workers() {
        Script script = new Script();

        start(script, List.of(one, other), 3, NEVER);

        script.awaitRounds(6);
        assertThat(script.rounds).containsExactlyInAnyOrder(one, one, one, other, other, other);
        assertThat(threads).hasSize(6);
    }

    @Test
    void idle_workers_are_woken_long_before_they_would_poll() {
        Script script = new Script();
        SyncWorkers workers = start(script, List.of(one), 1, NEVER);
        script.awaitRounds(1);

        workers.wake();
        script.awaitRounds(2);
        workers.wake();

        script.awaitRounds(3);
    }

    @Test
    void a_worker_that_is_woken_often_during_a_round_looks_exactly_once_more() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Script script = new Script(_ -> {
            begun.countDown();
            uninterrupted(end);
            return new Round.Idle();
        });
        SyncWorkers workers = start(script, List.of(one), 1, NEVER);
        uninterrupted(begun);

        IntStream.range(0, 10_000).forEach(_ -> workers.wake());
        end.countDown();

        script.awaitRounds(2);
    }

    @Test
    void unwoken_workers_look_again_after_the_poll_interval() {
        Script script = new Script();

        start(script, List.of(one), 1, Duration.ofMillis(1));

        await().until(() -> script.rounds.size() > 10);
    }

    @Test
    void of_idle_workers_one_keeps_watch_and_another_one_follows_it() {
        CountDownLatch called = new CountDownLatch(2);
        CountDownLatch answered = new CountDownLatch(1);
        Play call = _ -> {
            called.countDown();
            uninterrupted(answered);
            return new Round.Idle();
        };
        Script script = new Script(idle(), idle(), idle(), call, call);
        SyncWorkers workers = start(script, List.of(one), 3, NEVER);
        script.awaitRounds(3);
        awaitStates(1, 2);

        workers.wake();
        workers.wake();
        uninterrupted(called);

        // Those who call wait for the answer.
        awaitStates(1, 2);
        answered.countDown();
    }

    /** Of workers that look by themselves after some time, and of those that wait without an end. */
    private void awaitStates(int watching, int waiting) {
        await().untilAsserted(() -> {
            assertThat(threads)
                    .filteredOn(thread -> thread.getState() == Thread.State.TIMED_WAITING)
                    .hasSize(watching);
            assertThat(threads)
                    .filteredOn(thread -> thread.getState() == Thread.State.WAITING)
                    .hasSize(waiting);
        });
    }

    @Test
    void whoever_finds_work_twice_in_a_row_calls_another_one_in() {
        CountDownLatch answered = new CountDownLatch(1);
        Play call = provider -> {
            uninterrupted(answered);
            return worked(provider);
        };
        Script script =
                new Script(idle(), idle(), idle(), SyncWorkersTest::worked, SyncWorkersTest::worked, call, call);
        SyncWorkers workers = start(script, List.of(one), 3, NEVER);
        awaitStates(1, 2);

        workers.wake();

        script.awaitRounds(7);
        answered.countDown();
    }

    @Test
    void a_closed_gate_is_asked_again_when_it_opens() {
        Script script = new Script(_ -> new Round.Closed(Duration.ofMillis(1)));

        start(script, List.of(one), 1, NEVER);

        script.awaitRounds(2);
    }

    @Test
    void a_worker_survives_every_exception_of_a_round() {
        Script script = new Script(
                _ -> {
                    throw new IllegalStateException("on purpose");
                },
                _ -> {
                    throw new StoreUnavailableException(new IOException("on purpose"));
                });

        LOGGER.setLevel(Level.OFF);
        try {
            start(script, List.of(one), 1, Duration.ofMillis(1));

            await().until(() -> script.rounds.size() > 3);
        } finally {
            LOGGER.setLevel(null);
        }
        assertThat(threads).hasSize(1).allMatch(Thread::isAlive);
    }

    @Test
    void a_failed_round_is_not_repeated_at_once() {
        Script script = new Script(_ -> {
            throw new IllegalStateException("on purpose");
        });
        LOGGER.setLevel(Level.OFF);
        try {
            start(script, List.of(one), 1, NEVER);

            await().until(() -> threads.getFirst().getState() == Thread.State.TIMED_WAITING);
        } finally {
            LOGGER.setLevel(null);
        }
        assertThat(script.rounds).hasSize(1);
    }

    @Test
    void closing_ends_all_workers_whatever_they_wait_for() {
        Script script = new Script(_ -> new Round.Closed(NEVER), _ -> new Round.Closed(NEVER));
        SyncWorkers workers = start(script, List.of(one, other), 3, NEVER);
        script.awaitRounds(6);

        workers.close();

        assertThat(threads).hasSize(6).noneMatch(Thread::isAlive);
        assertThat(script.rounds).hasSize(6);
    }

    @Test
    void closing_lets_a_call_under_way_finish_and_be_settled() throws InterruptedException {
        InMemoryRegistry registry = new InMemoryRegistry(InstantSource.system());
        InMemoryProvider provider = new InMemoryProvider(one);
        Device device = register(registry);
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        provider.answers((_, _) -> {
            called.countDown();
            uninterrupted(answered);
            return new Outcome.Accepted("r1");
        });
        SyncWorkers workers = start(engine(provider, registry), List.of(one), 2, NEVER);
        uninterrupted(called);

        AtomicReference<ProviderSync> whenClosed = new AtomicReference<>();
        Thread closing = Thread.ofPlatform().start(() -> {
            workers.close();
            whenClosed.set(standing(registry, device));
        });
        await().until(() ->
                Set.of(Thread.State.WAITING, Thread.State.TERMINATED).contains(closing.getState()));
        answered.countDown();
        closing.join();

        assertThat(whenClosed.get()).isEqualTo(new ProviderSync(one, SyncState.SYNCED, "r1", 1, 0, null, null, null));
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    @Test
    void many_workers_bring_every_customers_devices_out_once() {
        InMemoryRegistry registry = new InMemoryRegistry(InstantSource.system());
        InMemoryProvider provider = new InMemoryProvider(one);
        List<Device> devices =
                IntStream.range(0, 50).mapToObj(_ -> register(registry)).toList();

        start(engine(provider, registry), List.of(one), 4, NEVER);

        await().untilAsserted(() -> assertThat(devices)
                .allMatch(device -> standing(registry, device).state() == SyncState.SYNCED));
        assertThat(provider.calls())
                .flatMap(ProviderCall::devices)
                .containsExactlyInAnyOrderElementsOf(
                        devices.stream().map(Device::id).toList());
    }

    private Device register(InMemoryRegistry registry) {
        return Examples.register(registry, aCustomer(), List.of(android(aToken())), Set.of(one))
                .getFirst()
                .device();
    }

    private static ProviderSync standing(InMemoryRegistry registry, Device device) {
        return registry.standing(device.customer(), device.id()).orElseThrow().getFirst();
    }

    private static SyncEngine engine(InMemoryProvider provider, InMemoryRegistry registry) {
        return new SyncEngine(
                List.of(provider),
                registry,
                new InMemoryGate(InstantSource.system()),
                SyncScene.SETTINGS,
                RANDOM,
                Examples.UNTRACED);
    }

    private static void uninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
