package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.Operation.Dead;
import io.deviceregistry.adapter.out.postgres.Operation.Described;
import io.deviceregistry.adapter.out.postgres.Operation.Entry;
import io.deviceregistry.adapter.out.postgres.Operation.Item;
import io.deviceregistry.adapter.out.postgres.Operation.Update;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.SyncState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes up operations on few customers and fewer tokens, so that they get in each other's way. */
final class RandomOperations {
    private static final String[] TYPES = {"android", "ios"};
    private static final String[] APPS = {"one", "two"};
    private static final String[] EMAILS = {"a@example.org", "b@example.org"};

    private final Random random;
    private final int customers;
    private final int tokens;
    private Operation.@Nullable Once latestOnce;

    RandomOperations(long seed, int customers, int tokens) {
        this.random = new Random(seed);
        this.customers = customers;
        this.tokens = tokens;
    }

    /** Everything that can be asked of the registry, the providers' part included. */
    List<Operation> sequence(int length, int providers) {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            operations.add(any(providers));
        }
        // At last what the providers would be told is looked at, also what had to wait for something else.
        for (int i = 0; i < 3; i++) {
            IntStream.range(0, providers).forEach(provider -> operations.add(new Operation.Lease(provider)));
            operations.add(new Operation.Settle(random.nextLong()));
        }
        operations.add(new Operation.KeepHouse());
        return operations;
    }

    private Operation any(int providers) {
        return switch (random.nextInt(20)) {
            case 0, 1 -> find();
            case 2 -> new Operation.Lease(random.nextInt(providers));
            case 3, 4 -> new Operation.Settle(random.nextLong());
            case 5 ->
                random.nextInt(3) > 0 ? new Operation.Erase(random.nextInt(customers)) : new Operation.KeepHouse();
            case 6 -> registerEach();
            case 7 -> once();
            default -> change();
        };
    }

    /** Often the one before, again. */
    private Operation once() {
        Operation.Once once = latestOnce;
        if (once == null || random.nextBoolean()) {
            once = new Operation.Once(random.nextInt(3), change());
            latestOnce = once;
        }
        return once;
    }

    /** One that changes something, in one transaction of {@code DeviceStore.change}. */
    Operation change() {
        return switch (random.nextInt(14)) {
            case 0, 1, 2, 3, 4 -> register();
            case 5, 6 -> new Operation.Rotate(random.nextInt(customers), random.nextInt(tokens), update());
            case 7, 8 -> new Operation.Change(perhapsAnotherCustomer(), aDevice(), perhapsVersion(), update());
            case 9 -> new Operation.Remove(perhapsAnotherCustomer(), aDevice(), perhapsVersion());
            case 10 ->
                new Operation.RemoveByToken(random.nextInt(customers), random.nextInt(tokens), perhapsObserved());
            case 11, 12 -> new Operation.Report(some(3, this::dead));
            default -> describe();
        };
    }

    Operation changeOfOneOrMany() {
        return random.nextInt(10) > 0 ? change() : registerEach();
    }

    Operation changeOrErasure() {
        return random.nextInt(20) > 0 ? changeOfOneOrMany() : new Operation.Erase(random.nextInt(customers));
    }

    private Operation register() {
        return new Operation.Register(random.nextInt(customers), some(3, this::entry));
    }

    private Operation registerEach() {
        return new Operation.RegisterEach(some(5, () -> new Item(random.nextInt(customers), entry())));
    }

    private Operation describe() {
        // No token may have two types or two customers here, so each is there once.
        List<Integer> free = new ArrayList<>(IntStream.range(0, tokens).boxed().toList());
        Collections.shuffle(free, random);
        return new Operation.Describe(some(
                2,
                () -> new Described(
                        random.nextInt(customers),
                        oneOf(EMAILS[0], EMAILS[1], "", null),
                        oneOf("Ada", "", "", null),
                        random.nextBoolean() || free.isEmpty()
                                ? List.of()
                                : List.of(withToken(free.removeLast(), entry())))));
    }

    private static Entry withToken(int token, Entry entry) {
        return new Entry(token, entry.type(), entry.app(), entry.observed());
    }

    private Operation find() {
        return switch (random.nextInt(8)) {
            case 0 -> new Operation.AskForDevice(perhapsAnotherCustomer(), aDevice());
            case 1 -> new Operation.AskForSync(perhapsAnotherCustomer(), aDevice());
            case 2 -> new Operation.AskForCustomer(random.nextInt(customers));
            case 3 -> new Operation.AskForErasure(random.nextInt(4));
            case 4 ->
                new Operation.ListCustomers(
                        random.nextBoolean() ? null : some(2, () -> oneOf(EMAILS)),
                        random.nextBoolean() ? null : random.nextInt(customers),
                        1 + random.nextInt(4));
            default -> search();
        };
    }

    private Operation search() {
        return new Operation.Search(
                random.nextInt(3) > 0 ? null : random.nextInt(customers),
                random.nextInt(3) > 0 ? null : random.nextInt(tokens),
                random.nextInt(3) > 0 ? null : oneOf(SyncState.values()),
                random.nextInt(4) > 0 ? null : oneOf(TYPES),
                random.nextBoolean() ? List.of(DeviceStatus.values()) : some(2, () -> oneOf(DeviceStatus.values())),
                random.nextInt(4) > 0 ? null : observed(),
                random.nextInt(4) > 0 ? null : observed(),
                random.nextInt(4) > 0 ? null : aDevice(),
                1 + random.nextInt(6));
    }

    private Entry entry() {
        return new Entry(
                random.nextInt(tokens),
                random.nextInt(4) > 0 ? TYPES[0] : TYPES[1],
                random.nextInt(3) > 0 ? null : oneOf(APPS),
                perhapsObserved());
    }

    private Update update() {
        return new Update(
                random.nextInt(4) > 0 ? null : oneOf(TYPES),
                random.nextInt(4) == 0 ? null : random.nextInt(tokens),
                random.nextInt(3) > 0 ? null : oneOf(APPS),
                perhapsObserved());
    }

    private Dead dead() {
        return new Dead(random.nextInt(tokens), oneOf("UNREGISTERED", "410"), perhapsObserved());
    }

    private @Nullable Integer perhapsAnotherCustomer() {
        return random.nextInt(6) > 0 ? null : random.nextInt(customers);
    }

    private int aDevice() {
        return random.nextInt(12) == 0 ? -1 : random.nextInt(60);
    }

    private @Nullable Long perhapsVersion() {
        return random.nextBoolean() ? null : 1L + random.nextInt(4);
    }

    private @Nullable Integer perhapsObserved() {
        return random.nextBoolean() ? null : observed();
    }

    /**
     * Whole twenties of seconds, so that they are often equal, or a minute apart, which matters to some rules. None is so
     * near to now, or to now less such a time, that what a rule makes of it depends on how long a test takes.
     */
    private int observed() {
        return oneOf(IntStream.concat(IntStream.rangeClosed(-20, 12).filter(n -> n <= -4), IntStream.of(-2, -1, 6, 12))
                .map(twenties -> 20 * twenties)
                .boxed()
                .toArray(Integer[]::new));
    }

    private <T> List<T> some(int most, Supplier<T> one) {
        return Stream.generate(one).limit(1 + random.nextInt(most)).toList();
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private <T extends @Nullable Object> T oneOf(T... values) {
        return Arrays.asList(values).get(random.nextInt(values.length));
    }
}
