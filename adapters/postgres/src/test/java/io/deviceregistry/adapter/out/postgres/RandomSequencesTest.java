package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.SideBySide.Difference;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever is asked of it, the registry in PostgreSQL answers as the one in memory does. The sequences are those of the
 * seeds from {@code -Dregistry.random.seed} (1) on, as many as {@code -Dregistry.random.seconds} (6) are enough for.
 */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class RandomSequencesTest {
    private static final System.Logger LOG = System.getLogger(RandomSequencesTest.class.getName());
    private static final long FIRST_SEED = Long.getLong("registry.random.seed", 1);
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("registry.random.seconds", 6));
    private static final Duration TIME_TO_SHRINK = Duration.ofSeconds(30);

    private static final int LENGTH = 40;

    @Inject
    TestDatabase database;

    @Inject
    DataSource dataSource;

    @Inject
    ChangePartitions changePartitions;

    @Inject
    TokenKeys keys;

    private Replica replica;

    @BeforeEach
    void start() {
        replica = new Replica(dataSource, changePartitions, keys.encryptionKey(), keys.lookupKey(), null);
    }

    @AfterEach
    void end() {
        replica.close();
    }

    @Test
    void random_sequences_have_the_same_answers_and_leave_the_same_state_in_postgresql_as_in_memory() {
        long deadline = System.nanoTime() + TIME.toNanos();
        long seed = FIRST_SEED;
        do {
            check(seed++);
        } while (System.nanoTime() < deadline);
        LOG.log(System.Logger.Level.INFO, "The sequences of the seeds {0} to {1} agree", FIRST_SEED, seed - 1);
    }

    private void check(long seed) {
        Random random = new Random(seed);
        int providers = random.nextInt(1, 3);
        int customers = random.nextInt(2, 5);
        int tokens = random.nextInt(3, 8);
        // So few that customers often have no room.
        int maxDevices = random.nextInt(2, 5);
        SideBySide sideBySide = new SideBySide(database, replica.ports(), maxDevices, providers);
        List<Operation> operations = new RandomOperations(seed, customers, tokens).sequence(LENGTH, providers);
        Optional<Difference> found = sideBySide.of(operations);
        if (found.isPresent()) {
            int last = Math.min(found.get().operation() + 1, operations.size());
            throw report(seed, sideBySide, shrunk(sideBySide, operations.subList(0, last)), found.get());
        }
    }

    /** Leaves out parts, smaller and smaller ones, as long as the two still differ. */
    private static List<Operation> shrunk(SideBySide sideBySide, List<Operation> failing) {
        long deadline = System.nanoTime() + TIME_TO_SHRINK.toNanos();
        List<Operation> shortest = failing;
        int part = failing.size() / 2;
        while (part > 0 && System.nanoTime() < deadline) {
            List<Operation> before = shortest;
            for (int end = before.size(); end >= part && System.nanoTime() < deadline; end -= part) {
                List<Operation> shorter = new ArrayList<>(shortest);
                shorter.subList(end - part, end).clear();
                if (sideBySide.of(shorter).isPresent()) {
                    shortest = shorter;
                }
            }
            // One that could not be left out perhaps can be without another.
            part = part > 1 ? part / 2 : Math.min(1, before.size() - shortest.size());
        }
        return shortest;
    }

    private static AssertionError report(long seed, SideBySide sideBySide, List<Operation> shortest, Difference found) {
        // A difference that is not there every time is reported as it was found.
        Difference difference = sideBySide.of(shortest).orElse(found);
        return new AssertionError(
                """
                The sequence of -Dregistry.random.seed=%d differs at operation %d. Shrunk it is
                %s
                and differs at operation %d. In memory:
                %s
                In PostgreSQL:
                %s""".formatted(
                                seed,
                                found.operation(),
                                IntStream.range(0, shortest.size())
                                        .mapToObj(i -> i + " " + shortest.get(i))
                                        .collect(Collectors.joining("\n")),
                                difference.operation(),
                                difference.inMemory(),
                                difference.inPostgres()),
                difference.failure());
    }
}
