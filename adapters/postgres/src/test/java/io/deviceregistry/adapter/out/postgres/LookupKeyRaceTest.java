package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.CALLER;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.adapter.out.postgres.Race.Call;
import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.CustomerQuery;
import io.deviceregistry.application.port.out.CustomerStore;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.LookupKey;
import io.deviceregistry.application.port.out.LookupKey.Phase;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.port.out.Writing;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.Customer;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.Erasure;
import io.deviceregistry.domain.ErasureId;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Many who want the same few tokens at once, at two replicas, while one lookup key after the other takes the place of the
 * one before. Nobody may notice.
 */
@QuarkusTest
@TestProfile(LookupKeyProfile.class)
@WithTestResource(PostgresResource.class)
class LookupKeyRaceTest {
    private static final System.Logger LOG = System.getLogger(LookupKeyRaceTest.class.getName());
    private static final long SEED = Long.getLong("registry.race.seed", 1);
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("registry.race.seconds", 4));
    private static final int THREADS = 12;
    private static final int CUSTOMERS = 8;
    private static final int TOKENS = 12;
    private static final int MANY_DEVICES = 1_000;
    private static final List<ProviderId> PROVIDERS = List.of(new ProviderId("p0"), new ProviderId("p1"));

    @Inject
    DataSource dataSource;

    @Inject
    TestDatabase database;

    @Inject
    ChangePartitions changePartitions;

    @Inject
    TokenKeys keys;

    private final AtomicInteger rotations = new AtomicInteger();
    private long deadlocksBefore;
    private Replica one;
    private Replica other;

    @BeforeEach
    void begin() {
        database.empty();
        deadlocksBefore = database.deadlocks();
        one = replica(keys.lookupKey(), LookupKeyProfile.NEXT_KEY);
        other = replica(LookupKeyProfile.NEXT_KEY, keys.lookupKey());
    }

    /** Each of the two wants its second key to take the place of its first. */
    private Replica replica(String lookupKey, String nextLookupKey) {
        return new Replica(dataSource, changePartitions, keys.encryptionKey(), lookupKey, nextLookupKey).started();
    }

    @AfterEach
    void end() {
        one.close();
        other.close();
        assertThat(database.deadlocks()).isEqualTo(deadlocksBefore);
    }

    @Test
    void what_is_done_meanwhile_is_answered_and_ends_as_if_it_were_done_one_after_the_other() throws Exception {
        Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        OrderedStore store = new OrderedStore(new EitherStore());
        UseCases useCases = useCases(store);
        Race race = new Race(store, TIME);
        for (int i = 0; i < THREADS; i++) {
            RandomOperations random = new RandomOperations(SEED * THREADS + i, CUSTOMERS, TOKENS);
            race.add(new Actor(useCases, begin), random::changeOfOneOrMany);
        }
        race.addLookingForSecondHolders(useCases, new Random(SEED), TOKENS);
        race.add(this::rotate);

        List<Call> calls = race.run();

        finish();
        UseCases repeated = new Replay(begin, PROVIDERS, MANY_DEVICES).of(calls);
        assertThat(Transcript.contentsOf(useCases)).isEqualTo(Transcript.contentsOf(repeated));
        assertThat(Hashes.of(dataSource, one.vault)).isEmpty();
        LOG.log(
                System.Logger.Level.INFO,
                "{0} calls of seed {1} can be repeated; {2} keys were replaced",
                calls.size(),
                SEED,
                rotations.get());
        assertThat(rotations.get()).isPositive();
    }

    @Test
    void customers_who_are_erased_and_providers_who_are_told_meanwhile_leave_nothing_behind() throws Exception {
        Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        OrderedStore store = new OrderedStore(new EitherStore());
        UseCases useCases = useCases(store);
        Race race = new Race(store, TIME);
        for (int i = 0; i < THREADS; i++) {
            RandomOperations random = new RandomOperations(SEED * THREADS + i, CUSTOMERS, TOKENS);
            Supplier<Operation> operations = i % 3 == 0
                    ? () -> new Operation.Once(ThreadLocalRandom.current().nextInt(1_000_000), random.change())
                    : random::changeOrErasure;
            race.add(new Actor(useCases, begin), operations);
        }
        for (ProviderId provider : PROVIDERS) {
            Random random = new Random(SEED);
            race.add(() -> Syncing.tellOne(useCases, provider, random));
        }
        race.add(() -> useCases.house().step());
        race.add(this::rotate);

        List<Call> calls = race.run();

        finish();
        assertThat(Hashes.of(dataSource, one.vault)).isEmpty();
        Syncing.settleAll(useCases, begin);
        for (int customer = 0; customer < CUSTOMERS; customer++) {
            new Actor(useCases, begin).does(new Operation.Erase(customer));
        }
        Syncing.settleAll(useCases, begin);
        for (String table : List.of("device", "device_sync", "token_release", "customer")) {
            assertThat(database.count(table)).as(table).isZero();
        }
        LOG.log(
                System.Logger.Level.INFO,
                "{0} calls of seed {1} left nothing behind; {2} keys were replaced",
                calls.size(),
                SEED,
                rotations.get());
        assertThat(rotations.get()).isPositive();
    }

    private UseCases useCases(DeviceStore store) {
        Ports ports = one.ports();
        return UseCases.over(
                new Ports(
                        store,
                        new EitherCustomers(),
                        ports.ledger(),
                        ports.repair(),
                        new EitherRecords(),
                        other.ports().upkeep()),
                PROVIDERS,
                MANY_DEVICES);
    }

    /** One step, by either, of a replacement that begins anew when it is done. */
    private void rotate() {
        LookupKey state = one.rotation.state();
        if (state.phase() == Phase.SINGLE) {
            Replica whose = state.id().equals(one.vault.lookupKeyId().toString()) ? one : other;
            whose.rotation.begin(CALLER);
            rotations.incrementAndGet();
        }
        either().ports().upkeep().maintain(3);
    }

    private void finish() {
        while (one.rotation.state().phase() != Phase.SINGLE) {
            one.ports().upkeep().maintain(100);
        }
        one.ports().upkeep().maintain(1);
    }

    /** A transaction is one replica's, and so is all that is done in it. */
    private Replica either() {
        if (one.transactions.isEnclosed() || other.transactions.isEnclosed()) {
            return one.transactions.isEnclosed() ? one : other;
        }
        return ThreadLocalRandom.current().nextBoolean() ? one : other;
    }

    /** Whose turn it is, chance tells. */
    private final class EitherStore implements DeviceStore {
        @Override
        public <T extends @Nullable Object> T change(Writing writing, Scope scope, Function<Registry, T> change) {
            return either().ports().devices().change(writing, scope, change);
        }

        @Override
        public Answer changeOnce(
                Writing writing,
                Scope scope,
                IdempotentRequest request,
                Duration maxAge,
                Function<Registry, String> change) {
            return either().ports().devices().changeOnce(writing, scope, request, maxAge, change);
        }

        @Override
        public Optional<Device> device(CustomerId customer, DeviceId device) {
            return either().ports().devices().device(customer, device);
        }

        @Override
        public Page<Device, DeviceId> devices(DeviceQuery query) {
            return either().ports().devices().devices(query);
        }

        @Override
        public long estimate(Set<DeviceStatus> statuses) {
            return either().ports().devices().estimate(statuses);
        }
    }

    private final class EitherCustomers implements CustomerStore {
        @Override
        public Optional<Customer> customer(CustomerId customer) {
            return either().ports().customers().customer(customer);
        }

        @Override
        public Page<Customer, CustomerId> customers(CustomerQuery query) {
            return either().ports().customers().customers(query);
        }

        @Override
        public Optional<Erasure> erase(Caller by, CustomerId customer) {
            return either().ports().customers().erase(by, customer);
        }

        @Override
        public Optional<Erasure> erasure(ErasureId erasure) {
            return either().ports().customers().erasure(erasure);
        }
    }

    private final class EitherRecords implements IdempotencyRecords {
        @Override
        public <T> Optional<T> exclusively(RequestKey key, Function<Slot, T> work) {
            return either().ports().answers().exclusively(key, work);
        }
    }
}
