package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.ios;
import static io.deviceregistry.application.testing.Examples.writing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.Answer;
import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.IdempotencyKeyReusedException;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.RequestUnderWayException;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.TooManyDevicesException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Changes that arrive at the same time go together, and yet none is in another one's way. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class GroupCommitTest {
    private static final int NEIGHBOURS = 20;
    private static final Duration DAY = Duration.ofDays(1);

    @Inject
    Ports ports;

    @Inject
    DataSource dataSource;

    @Inject
    TokenVault vault;

    @Inject
    GroupCommit groupCommit;

    private final ProviderId provider = aProvider();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch writersGoOn = new CountDownLatch(1);

    @AfterEach
    void end() {
        writersGoOn.countDown();
        threads.shutdownNow();
    }

    private Device register(CustomerId customer, DeviceRegistration device, int limit) {
        return ports.devices()
                .change(
                        writing(Set.of(provider)),
                        Scope.EMPTY.withRegistrations(customer, List.of(device)),
                        registry -> registry.register(customer, device, limit).device());
    }

    private Future<Device> registering(CustomerId customer, DeviceRegistration device) {
        return threads.submit(() -> register(customer, device, MANY));
    }

    private List<Future<Device>> registeringNeighbours() {
        List<Future<Device>> neighbours = new ArrayList<>();
        for (int i = 0; i < NEIGHBOURS; i++) {
            neighbours.add(registering(aCustomer(), android(aToken())));
        }
        return neighbours;
    }

    /** What comes from now on waits, and goes together when they go on. */
    private void keepWritersBusy() {
        CountDownLatch busy = new CountDownLatch(GroupCommit.WRITERS);
        for (int i = 0; i < GroupCommit.WRITERS; i++) {
            // One after the other, or one writer might take both.
            int others = GroupCommit.WRITERS - 1 - i;
            Future<Boolean> _ = threads.submit(() -> {
                CustomerId customer = aCustomer();
                return ports.devices().change(writing(Set.of(provider)), Scope.EMPTY.withCustomer(customer), _ -> {
                    busy.countDown();
                    return passed(writersGoOn);
                });
            });
            await().until(() -> busy.getCount() == others);
        }
    }

    private static boolean passed(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Device result(Future<Device> registration) throws Exception {
        return registration.get(10, TimeUnit.SECONDS);
    }

    private List<Device> results(List<Future<Device>> registrations) throws Exception {
        List<Device> devices = new ArrayList<>();
        for (Future<Device> registration : registrations) {
            devices.add(result(registration));
        }
        return devices;
    }

    @Test
    void given_changes_over_which_the_writers_stumble_then_their_callers_are_told_and_the_writers_go_on() {
        CustomerId customer = aCustomer();
        Footprint whole = Footprint.of(Scope.EMPTY.withCustomer(customer), vault.hashes());
        Footprint broken = new Footprint(whole.scope(), whole.made(), whole.hashes(), unreadable(), Set.of(), null);
        for (int i = 0; i <= GroupCommit.WRITERS; i++) {
            Future<Boolean> write = threads.submit(
                    () -> groupCommit.write(PendingChange.of(writing(Set.of(provider)), broken, _ -> true)));
            assertThatThrownBy(() -> write.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("unreadable");
        }

        assertThat(register(customer, android(aToken()), MANY).customer()).isEqualTo(customer);
    }

    private static Set<Long> unreadable() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Long> iterator() {
                throw new LinkageError("unreadable");
            }

            @Override
            public int size() {
                return 1;
            }
        };
    }

    private long transactionsOf(List<Device> devices) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(
                        "select count(distinct xid) from device_change where device_id = any (?::uuid[])")) {
            new Arguments(statement).uuids(devices, device -> device.id().value());
            try (ResultSet count = statement.executeQuery()) {
                count.next();
                return count.getLong(1);
            }
        }
    }

    private boolean isStored(Device device) {
        return ports.devices().device(device.customer(), device.id()).equals(Optional.of(device));
    }

    @Test
    void what_waits_goes_in_few_transactions() throws Exception {
        keepWritersBusy();
        List<Future<Device>> registrations = registeringNeighbours();
        registrations.forEach(registration -> assertThat(registration.isDone()).isFalse());
        writersGoOn.countDown();

        List<Device> devices = results(registrations);

        assertThat(devices).allMatch(this::isStored);
        assertThat(transactionsOf(devices)).isLessThan(NEIGHBOURS / 2);
    }

    @Test
    void what_one_change_throws_is_its_callers_alone() throws Exception {
        CustomerId full = aCustomer();
        Device first = register(full, android(aToken()), 1);
        keepWritersBusy();
        Future<Device> refused = threads.submit(() -> register(full, android(aToken()), 1));
        List<Future<Device>> neighbours = registeringNeighbours();
        writersGoOn.countDown();

        assertThat(results(neighbours)).allMatch(this::isStored);
        assertThatThrownBy(() -> result(refused)).hasCauseInstanceOf(TooManyDevicesException.class);
        assertThat(Examples.devicesOf(ports.devices(), full)).containsExactly(first);
    }

    @Test
    void one_token_for_many_customers_has_one_holder_in_the_end() throws Exception {
        DeviceToken token = aToken();
        keepWritersBusy();
        List<Future<Device>> registrations = new ArrayList<>();
        List<CustomerId> customers = new ArrayList<>();
        for (int i = 0; i < NEIGHBOURS; i++) {
            customers.add(aCustomer());
            registrations.add(registering(customers.getLast(), android(token)));
        }
        writersGoOn.countDown();

        results(registrations);

        assertThat(customers)
                .filteredOn(customer ->
                        !Examples.devicesOf(ports.devices(), customer).isEmpty())
                .hasSize(1);
    }

    @Test
    void nobody_waits_for_a_token_that_somebody_has() throws Exception {
        DeviceToken token = aToken();
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            Locks.takeOfTokens(connection, Set.of(Locks.ofHash(vault.hashes().of(token))));
            keepWritersBusy();
            Future<Device> waiting = registering(aCustomer(), android(token));
            List<Future<Device>> neighbours = registeringNeighbours();
            writersGoOn.countDown();

            assertThat(results(neighbours)).allMatch(this::isStored);
            assertThat(waiting.isDone()).isFalse();
            connection.rollback();
            assertThat(isStored(result(waiting))).isTrue();
        }
    }

    @Test
    void nobody_waits_long_for_a_row_that_somebody_has() throws Exception {
        CustomerId customer = aCustomer();
        DeviceToken token = aToken();
        Device device = register(customer, android(token), MANY);
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            lockSync(connection, device);
            keepWritersBusy();
            Future<Device> waiting = registering(customer, ios(token));
            List<Future<Device>> neighbours = registeringNeighbours();
            writersGoOn.countDown();

            assertThat(results(neighbours)).allMatch(this::isStored);
            assertThat(waiting.isDone()).isFalse();
            connection.rollback();
            assertThat(result(waiting))
                    .returns(new DeviceType("ios"), Device::type)
                    .matches(this::isStored);
        }
    }

    private static void lockSync(Connection connection, Device device) throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement("select from device_sync where device_id = ? for update")) {
            lock.setObject(1, device.id().value());
            lock.execute();
        }
    }

    @Test
    void what_nobody_waits_for_any_more_is_not_written() throws Exception {
        keepWritersBusy();
        CustomerId customer = aCustomer();
        AtomicReference<Throwable> told = new AtomicReference<>();
        Thread caller = Thread.ofVirtual()
                .start(() -> told.set(catchThrowable(() -> register(customer, android(aToken()), MANY))));
        await().until(() -> caller.getState() == Thread.State.WAITING);
        caller.interrupt();
        caller.join();
        assertThat(told.get()).isInstanceOf(StoreUnavailableException.class);
        writersGoOn.countDown();

        // Comes later, so that the other one's turn is over.
        register(aCustomer(), android(aToken()), MANY);
        assertThat(Examples.devicesOf(ports.devices(), customer)).isEmpty();
    }

    private static IdempotentRequest aRequest() {
        return new IdempotentRequest(new RequestKey("caller", "operation", aToken().value()), new byte[] {1});
    }

    /** What is answered is the device's id. */
    private Answer registerOnce(IdempotentRequest request, CustomerId customer, DeviceRegistration device, int limit) {
        return ports.devices()
                .changeOnce(
                        writing(Set.of(provider)),
                        Scope.EMPTY.withRegistrations(customer, List.of(device)),
                        request,
                        DAY,
                        registry -> registry.register(customer, device, limit)
                                .device()
                                .id()
                                .toString());
    }

    private Future<Answer> registeringOnce(IdempotentRequest request, CustomerId customer, DeviceRegistration device) {
        return threads.submit(() -> registerOnce(request, customer, device, MANY));
    }

    private Device onlyDeviceOf(CustomerId customer) {
        return Examples.devicesOf(ports.devices(), customer).getFirst();
    }

    @Test
    void what_waits_under_keys_goes_in_few_transactions_with_its_answers() throws Exception {
        List<IdempotentRequest> requests = new ArrayList<>();
        List<CustomerId> customers = new ArrayList<>();
        List<Future<Answer>> answers = new ArrayList<>();
        keepWritersBusy();
        for (int i = 0; i < NEIGHBOURS; i++) {
            requests.add(aRequest());
            customers.add(aCustomer());
            answers.add(registeringOnce(requests.getLast(), customers.getLast(), android(aToken())));
        }
        List<Future<Device>> neighbours = registeringNeighbours();
        writersGoOn.countDown();

        List<Device> devices = new ArrayList<>(results(neighbours));
        for (int i = 0; i < NEIGHBOURS; i++) {
            Answer answer = answers.get(i).get(10, TimeUnit.SECONDS);
            Device device = onlyDeviceOf(customers.get(i));
            devices.add(device);
            assertThat(answer).isEqualTo(new Answer(device.id().toString(), false));
            assertThat(registerOnce(requests.get(i), customers.get(i), android(aToken()), MANY))
                    .isEqualTo(new Answer(device.id().toString(), true));
        }
        assertThat(transactionsOf(devices)).isLessThan(NEIGHBOURS / 2);
    }

    @Test
    void what_was_answered_is_answered_again_in_the_midst_of_others() throws Exception {
        IdempotentRequest answered = aRequest();
        CustomerId customer = aCustomer();
        Answer first = registerOnce(answered, customer, android(aToken()), MANY);
        IdempotentRequest reusing = new IdempotentRequest(answered.key(), new byte[] {2});
        keepWritersBusy();
        Future<Answer> repeated = registeringOnce(answered, customer, android(aToken()));
        List<Future<Device>> neighbours = registeringNeighbours();
        writersGoOn.countDown();

        assertThat(repeated.get(10, TimeUnit.SECONDS)).isEqualTo(new Answer(first.content(), true));
        assertThat(results(neighbours)).allMatch(this::isStored);
        assertThatThrownBy(() ->
                        registeringOnce(reusing, customer, android(aToken())).get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IdempotencyKeyReusedException.class);
        assertThat(Examples.devicesOf(ports.devices(), customer)).hasSize(1);
    }

    @Test
    void of_equal_requests_that_wait_together_one_takes_effect() throws Exception {
        IdempotentRequest request = aRequest();
        List<CustomerId> customers = new ArrayList<>();
        List<Future<Answer>> answers = new ArrayList<>();
        keepWritersBusy();
        for (int i = 0; i < NEIGHBOURS; i++) {
            // Nothing but the key is the same.
            customers.add(aCustomer());
            answers.add(registeringOnce(request, customers.getLast(), android(aToken())));
        }
        writersGoOn.countDown();

        List<Answer> given = new ArrayList<>();
        for (Future<Answer> answer : answers) {
            try {
                given.add(answer.get(10, TimeUnit.SECONDS));
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(RequestUnderWayException.class);
            }
        }
        assertThat(given).filteredOn(answer -> !answer.repeated()).hasSize(1);
        assertThat(given)
                .extracting(Answer::content)
                .containsOnly(given.getFirst().content());
        assertThat(customers)
                .filteredOn(customer ->
                        !Examples.devicesOf(ports.devices(), customer).isEmpty())
                .hasSize(1);
    }

    @Test
    void a_request_whose_key_somebody_has_is_turned_away_and_its_neighbours_are_stored() throws Exception {
        IdempotentRequest request = aRequest();
        CustomerId customer = aCustomer();
        CountDownLatch finish = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Future<Optional<Boolean>> holding = threads.submit(() -> ports.answers().exclusively(request.key(), _ -> {
            begun.countDown();
            return passed(finish);
        }));
        assertThat(passed(begun)).isTrue();
        keepWritersBusy();
        Future<Answer> turnedAway = registeringOnce(request, customer, android(aToken()));
        List<Future<Device>> neighbours = registeringNeighbours();
        writersGoOn.countDown();

        assertThat(results(neighbours)).allMatch(this::isStored);
        assertThatThrownBy(() -> turnedAway.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(RequestUnderWayException.class);
        assertThat(Examples.devicesOf(ports.devices(), customer)).isEmpty();
        finish.countDown();
        assertThat(holding.get(10, TimeUnit.SECONDS)).contains(true);
    }

    @Test
    void nothing_is_remembered_of_what_throws_in_the_midst_of_others() throws Exception {
        IdempotentRequest request = aRequest();
        CustomerId customer = aCustomer();
        keepWritersBusy();
        Future<Answer> refused = threads.submit(() -> registerOnce(request, customer, android(aToken()), 0));
        List<Future<Device>> neighbours = registeringNeighbours();
        writersGoOn.countDown();

        assertThat(results(neighbours)).allMatch(this::isStored);
        assertThatThrownBy(() -> refused.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(TooManyDevicesException.class);
        assertThat(registerOnce(request, customer, android(aToken()), 1).repeated())
                .isFalse();
    }

    @Test
    void an_answer_that_cannot_be_read_fails_its_callers_request_alone() throws Exception {
        IdempotentRequest request = aRequest();
        registerOnce(request, aCustomer(), android(aToken()), MANY);
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("update idempotency_record set answer_cipher = '\\x00'");
        }
        try {
            keepWritersBusy();
            Future<Answer> unreadable = registeringOnce(request, aCustomer(), android(aToken()));
            List<Future<Device>> neighbours = registeringNeighbours();
            writersGoOn.countDown();

            assertThat(transactionsOf(results(neighbours))).isLessThan(NEIGHBOURS / 2);
            assertThatThrownBy(() -> unreadable.get(10, TimeUnit.SECONDS))
                    .hasRootCauseMessage("Not sealed by the registry");
        } finally {
            forgetAnswers();
        }
    }

    private void forgetAnswers() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("truncate idempotency_record");
        }
    }
}
