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

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.TooManyDevicesException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
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

    @Inject
    Ports ports;

    @Inject
    DataSource dataSource;

    @Inject
    TokenVault vault;

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
}
