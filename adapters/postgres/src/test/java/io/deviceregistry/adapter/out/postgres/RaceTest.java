package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.adapter.out.postgres.Race.Call;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.Profile;
import io.deviceregistry.domain.ProviderId;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Many who want the same few tokens at once, for {@code -Dregistry.race.seconds} (4) each test. What they do is told by
 * {@code -Dregistry.race.seed} (1), but not when.
 */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class RaceTest {
    private static final System.Logger LOG = System.getLogger(RaceTest.class.getName());
    private static final long SEED = Long.getLong("registry.race.seed", 1);
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("registry.race.seconds", 4));

    /** So short that {@link RandomOperations} are determined, and that all of it can be done again. */
    private static final Duration ROUND = Duration.ofSeconds(2);

    private static final int THREADS = 24;
    private static final int CUSTOMERS = 8;
    private static final int TOKENS = 12;
    private static final int MANY_DEVICES = 1_000;
    private static final int FEW_DEVICES = 3;
    private static final List<ProviderId> PROVIDERS = List.of(new ProviderId("p0"), new ProviderId("p1"));

    @Inject
    TestDatabase database;

    private long deadlocksBefore;

    @BeforeEach
    void countDeadlocks() {
        deadlocksBefore = database.deadlocks();
    }

    @AfterEach
    void noDeadlockWasBroken() {
        assertThat(database.deadlocks()).isEqualTo(deadlocksBefore);
    }

    @Test
    void what_is_done_at_the_same_time_is_answered_and_ends_as_if_it_were_done_one_after_the_other()
            throws InterruptedException {
        long rounds = Math.max(2, TIME.dividedBy(ROUND));
        for (long round = 0; round < rounds; round++) {
            raceAndRepeat(SEED + round, round % 2 == 0 ? MANY_DEVICES : FEW_DEVICES);
        }
    }

    private void raceAndRepeat(long seed, int maxDevices) throws InterruptedException {
        database.empty();
        Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        OrderedStore store = new OrderedStore(database.ports().devices());
        UseCases useCases = useCases(store, maxDevices);
        Race race = new Race(store, ROUND);
        for (int i = 0; i < THREADS; i++) {
            RandomOperations random = new RandomOperations(seed * THREADS + i, CUSTOMERS, TOKENS);
            // An item that is refused leaves no trace that could be followed.
            Supplier<Operation> operations = maxDevices == MANY_DEVICES ? random::changeOfOneOrMany : random::change;
            race.add(new Actor(useCases, begin), operations);
        }
        race.addLookingForSecondHolders(useCases, new Random(SEED), TOKENS);

        List<Call> calls = race.run();

        UseCases repeated = new Replay(begin, PROVIDERS, maxDevices).of(calls);
        assertThat(Transcript.contentsOf(useCases)).isEqualTo(Transcript.contentsOf(repeated));
        assertThat(told(useCases, begin)).isEqualTo(told(repeated, begin));
        LOG.log(
                System.Logger.Level.INFO,
                "{0} calls of seed {1} with at most {2} devices a customer can be repeated",
                calls.size(),
                seed,
                maxDevices);
    }

    @Test
    void customers_who_are_erased_meanwhile_are_forgotten_with_all_that_was_registered_before()
            throws InterruptedException {
        database.empty();
        Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        OrderedStore store = new OrderedStore(database.ports().devices());
        UseCases useCases = useCases(store, FEW_DEVICES);
        Race race = new Race(store, TIME);
        for (int i = 0; i < THREADS; i++) {
            RandomOperations random = new RandomOperations(SEED * THREADS + i, CUSTOMERS, TOKENS);
            race.add(new Actor(useCases, begin), random::changeOrErasure);
        }
        race.addLookingForSecondHolders(useCases, new Random(SEED), TOKENS);
        for (ProviderId provider : PROVIDERS) {
            Random random = new Random(SEED);
            race.add(() -> Syncing.tellOne(useCases, provider, random));
        }
        race.add(() -> useCases.house().step());

        List<Call> calls = race.run();

        Syncing.settleAll(useCases, begin);
        assertThat(database.count("erasure where completed_at is null or customer_id is not null"))
                .isZero();
        lastErasures(calls).forEach((customer, erasure) -> {
            assertThat(useCases.customers().erasure(erasure.id()).completedAt()).isNotNull();
            assertThat(Transcript.devicesOf(useCases))
                    .filteredOn(device -> device.customer().equals(customer))
                    .allMatch(device -> device.registeredAt().isAfter(erasure.requestedAt()));
            assertThat(Transcript.customersOf(useCases))
                    .filteredOn(
                            one -> one.id().equals(customer) && !one.profile().equals(Profile.NONE))
                    .allMatch(one -> one.updatedAt().isAfter(erasure.requestedAt()));
        });

        IntStream.range(0, CUSTOMERS)
                .forEach(customer -> new Actor(useCases, begin).does(new Operation.Erase(customer)));
        Syncing.settleAll(useCases, begin);
        for (String table : List.of("device", "device_sync", "token_release", "customer")) {
            assertThat(database.count(table)).as(table).isZero();
        }
        LOG.log(System.Logger.Level.INFO, "{0} calls of seed {1} left nothing behind", calls.size(), SEED);
    }

    private UseCases useCases(OrderedStore store, int maxDevices) {
        Ports ports = database.ports();
        return UseCases.over(
                new Ports(store, ports.customers(), ports.ledger(), ports.repair(), ports.answers(), ports.upkeep()),
                PROVIDERS,
                maxDevices);
    }

    /** All that the providers had to be told. */
    private static List<String> told(UseCases useCases, Instant begin) {
        return Syncing.tellAll(new Actor(useCases, begin)).stream()
                .map(task -> Transcript.contentOf(task) + " of " + Transcript.contentOf(task.device()))
                .sorted()
                .toList();
    }

    private static Map<CustomerId, Erasure> lastErasures(List<Call> calls) {
        Map<CustomerId, Erasure> last = new HashMap<>();
        for (Call call : calls) {
            if (call.operation() instanceof Operation.Erase(int customer) && call.answer() instanceof Erasure erasure) {
                last.merge(
                        Actor.customer(customer),
                        erasure,
                        (one, other) -> one.requestedAt().isAfter(other.requestedAt()) ? one : other);
            }
        }
        return last;
    }
}
