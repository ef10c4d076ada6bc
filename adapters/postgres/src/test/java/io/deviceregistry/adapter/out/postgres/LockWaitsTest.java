package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.longAgo;
import static io.deviceregistry.application.testing.Examples.rotationTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.Holding;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncTask;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Scope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Races that the contracts leave to chance, arranged by whoever waits for a lock of the database. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class LockWaitsTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private static final String WAITING = """
            select count(*) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'""";

    @Inject
    Ports ports;

    @Inject
    DataSource dataSource;

    private final CustomerId customer = aCustomer();
    private final ProviderId provider = aProvider();
    private final DeviceToken token = aToken();
    private final DeviceToken next = aToken();

    private Device registered(CustomerId owner, DeviceRegistration registration) {
        return Examples.register(ports.devices(), owner, List.of(registration), Set.of(provider))
                .getFirst()
                .device();
    }

    private Device rotate(DeviceToken from, DeviceToken to, Runnable meanwhile) {
        return ports.devices()
                .change(
                        Examples.writing(Set.of(provider)),
                        Scope.EMPTY.withTokens(customer, Set.of(from, to)),
                        registry -> {
                            meanwhile.run();
                            return registry.rotate(customer, from, rotationTo(to), MANY);
                        });
    }

    private Device rotate(DeviceToken from, DeviceToken to) {
        return rotate(from, to, () -> {});
    }

    private SyncLease lease() {
        return ports.ledger().lease(provider, SyncLane.FRESH, LONG, 1).stream()
                .findFirst()
                .orElseThrow();
    }

    private void confirm(SyncLease lease) {
        SyncTask task = lease.tasks().getFirst();
        Device device = task.device();
        Holding held = new Holding(null, device.type(), device.token());
        ports.ledger().settle(lease, List.of(new Settlement(device.id(), task.version(), new Settlement.Synced(held))));
    }

    private void awaitWaiting(int number) {
        await().atMost(Duration.ofSeconds(4)).until(() -> {
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet count = statement.executeQuery(WAITING)) {
                count.next();
                return count.getInt(1) == number;
            }
        });
    }

    private static void pass(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_change_by_id_that_waited_for_a_rotation_sees_the_device_as_it_is_by_then() throws Exception {
        Device device = registered(customer, android(token, longAgo()));
        CountDownLatch rotating = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Device> rotation = threads.submit(() -> rotate(token, next, () -> {
                rotating.countDown();
                pass(go);
            }));
            pass(rotating);
            // By its id alone: nothing but the token's lock makes the two take turns.
            Future<Boolean> expiry = threads.submit(() -> ports.devices()
                    .change(
                            Examples.writing(Set.of(provider)),
                            Scope.EMPTY.withDevice(device.id()),
                            registry -> registry.expire(device.id(), Map.of(device.type(), Duration.ofDays(1)))));
            awaitWaiting(1);
            go.countDown();

            // The rotation is a sign of life.
            assertThat(expiry.get(10, TimeUnit.SECONDS)).isFalse();
            assertThat(ports.devices().device(customer, device.id()))
                    .contains(rotation.get(10, TimeUnit.SECONDS))
                    .get()
                    .returns(DeviceStatus.ACTIVE, Device::status)
                    .returns(next, Device::token);
        }
    }

    @Test
    void a_token_that_is_given_up_again_while_its_first_giving_up_is_settled_is_waited_for() throws Exception {
        Device device = registered(customer, android(token));
        confirm(lease());
        rotate(token, next);
        rotate(next, token);
        SyncLease lease = lease();

        try (Connection connection = dataSource.getConnection();
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            connection.setAutoCommit(false);
            // Between a settlement and its deletion of the notes that nobody must wait any more.
            lockReleases(connection, device);
            Future<?> settlement = threads.submit(() -> confirm(lease));
            awaitWaiting(1);
            Future<Device> rotation = threads.submit(() -> rotate(token, aToken()));
            awaitWaiting(2);
            connection.rollback();
            settlement.get(10, TimeUnit.SECONDS);
            rotation.get(10, TimeUnit.SECONDS);
        }

        CustomerId another = aCustomer();
        registered(another, android(token));
        SyncLease update = lease();
        assertThat(update.customer()).isEqualTo(customer);
        assertThat(ports.ledger().lease(provider, SyncLane.FRESH, LONG, 1).stream()
                        .findFirst())
                .isEmpty();
        confirm(update);
        assertThat(lease().customer()).isEqualTo(another);
    }

    private static void lockReleases(Connection connection, Device device) throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement("select from token_release where device_id = ? for update")) {
            lock.setObject(1, device.id().value());
            lock.execute();
        }
    }
}
