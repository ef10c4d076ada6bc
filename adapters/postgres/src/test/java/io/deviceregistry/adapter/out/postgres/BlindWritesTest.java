package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.devicesOf;
import static io.deviceregistry.application.testing.Examples.ios;
import static io.deviceregistry.application.testing.Examples.longAgo;
import static io.deviceregistry.application.testing.Examples.writing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.testing.Ports;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.Observation;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registration;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.RemovalReason;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.TooManyDevicesException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A change that was made of nothing, and there is something, is made once more of what there is. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class BlindWritesTest {
    /** A guess and what followed when it was wrong. */
    private static final int TWICE = 2;

    @Inject
    Ports ports;

    @Inject
    DataSource dataSource;

    @Inject
    TokenVault vault;

    @Inject
    TestDatabase database;

    private final ProviderId provider = aProvider();
    private final CustomerId customer = aCustomer();
    private final DeviceToken token = aToken();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** Whether nothing was there each time that the change was made. */
    private record Made<T>(T result, List<Boolean> ofNothing) {}

    private <T> Made<T> make(Scope scope, Function<Registry, T> change) {
        List<Boolean> ofNothing = new ArrayList<>();
        T result = ports.devices().change(writing(Set.of(provider)), scope, registry -> {
            ofNothing.add(registry.wasEmpty());
            return change.apply(registry);
        });
        return new Made<>(result, ofNothing);
    }

    private Made<Registration> register(CustomerId customer, DeviceRegistration device) {
        return make(
                Scope.EMPTY.withRegistrations(customer, List.of(device)),
                registry -> registry.register(customer, device, MANY));
    }

    private Device registered(CustomerId customer, DeviceRegistration device) {
        return register(customer, device).result().device();
    }

    private void registerSomeNew() {
        for (int i = 0; i < 4; i++) {
            registered(aCustomer(), android(aToken()));
        }
    }

    /** After others that were new, so that this one is taken to be new, too; more than once if they took too long. */
    private <T> Made<T> guessed(Callable<Made<T>> change) {
        AtomicReference<Made<T>> made = new AtomicReference<>();
        await().until(() -> {
            registerSomeNew();
            made.set(change.call());
            return made.get().ofNothing().size() == TWICE;
        });
        return made.get();
    }

    private boolean isStored(Device device) {
        return ports.devices().device(device.customer(), device.id()).equals(Optional.of(device));
    }

    @Test
    void what_is_new_is_made_once_before_anything_is_locked_and_stored_whole() {
        AtomicReference<CustomerId> last = new AtomicReference<>();
        AtomicReference<Made<Device>> made = new AtomicReference<>();
        await().until(() -> {
            CustomerId fresh = aCustomer();
            DeviceRegistration device = android(aToken());
            List<Boolean> locked = new ArrayList<>();
            made.set(make(Scope.EMPTY.withRegistrations(fresh, List.of(device)), registry -> {
                locked.add(isLocked(fresh));
                return registry.register(fresh, device, MANY).device();
            }));
            last.set(fresh);
            return locked.equals(List.of(false));
        });

        Device device = made.get().result();
        assertThat(made.get().ofNothing()).containsExactly(true);
        assertThat(devicesOf(ports.devices(), last.get())).containsExactly(device);
        assertThat(database.count("device_sync where state = 'PENDING' and device_id = '" + device.id() + "'"))
                .isEqualTo(1);
        assertThat(database.count("device_change where kind = 'REGISTERED' and device_id = '" + device.id() + "'"))
                .isEqualTo(1);
    }

    private boolean isLocked(CustomerId customer) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            boolean free = Locks.tryTake(connection, Set.of(Locks.ofCustomer(customer, vault.hashes())));
            connection.rollback();
            return !free;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_customer_who_is_known_keeps_the_profile() {
        ProfileUpdate profile = new ProfileUpdate(Part.set("ada@example.com"), Part.KEPT, Part.KEPT, Part.KEPT);
        make(Scope.EMPTY.withCustomer(customer), registry -> registry.describe(customer, profile));

        Made<Registration> made = guessed(() -> register(customer, android(aToken())));

        assertThat(made.ofNothing()).containsExactly(true, false);
        assertThat(ports.customers().customer(customer).orElseThrow().profile().email())
                .isEqualTo("ada@example.com");
        assertThat(isStored(made.result().device())).isTrue();
    }

    @Test
    void a_device_that_is_known_stays_the_same_one() {
        Device known = registered(customer, android(token));

        Made<Registration> made = guessed(() -> register(customer, ios(token)));

        assertThat(made.ofNothing()).containsExactly(true, false);
        assertThat(made.result().device().id()).isEqualTo(known.id());
        assertThat(devicesOf(ports.devices(), customer))
                .singleElement()
                .returns(new DeviceType("ios"), Device::type)
                .matches(this::isStored);
    }

    @Test
    void a_token_that_another_customer_has_is_transferred() {
        AtomicReference<Device> before = new AtomicReference<>();

        Made<Registration> made = guessed(() -> {
            DeviceToken taken = aToken();
            CustomerId taker = aCustomer();
            before.set(registeredBeforeOthers(android(taken)));
            return register(taker, android(taken));
        });

        assertThat(made.ofNothing()).containsExactly(true, false);
        assertThat(made.result().outcome()).isEqualTo(Registration.Outcome.TRANSFERRED);
        assertThat(isStored(made.result().device())).isTrue();
        assertThat(ports.devices()
                        .device(before.get().customer(), before.get().id())
                        .orElseThrow())
                .returns(DeviceStatus.REMOVED, Device::status)
                .returns(RemovalReason.TRANSFERRED, Device::removalReason);
    }

    private Device registeredBeforeOthers(DeviceRegistration device) {
        Device registered = registered(aCustomer(), device);
        registerSomeNew();
        return registered;
    }

    @Test
    void a_token_that_somebody_had_since_is_not_taken_by_an_older_message() {
        Made<Registration> made = guessed(() -> {
            DeviceToken had = aToken();
            Device former = registeredBeforeOthers(android(had));
            make(Scope.EMPTY.withTokens(former.customer(), List.of(had)), registry -> {
                registry.remove(former.customer(), had, Observation.ON_ARRIVAL);
                return former;
            });
            registerSomeNew();
            return register(aCustomer(), android(had, longAgo()));
        });

        assertThat(made.ofNothing()).containsExactly(true, false);
        assertThat(made.result().outcome()).isEqualTo(Registration.Outcome.SUPERSEDED);
        assertThat(isStored(made.result().device())).isTrue();
    }

    @Test
    void what_somebody_else_has_locked_is_waited_for_and_nothing_is_stored_before() {
        Made<Registration> made = guessed(() -> {
            CustomerId waiter = aCustomer();
            DeviceToken locked = aToken();
            try (Connection connection = dataSource.getConnection()) {
                connection.setAutoCommit(false);
                Locks.takeOfTokens(
                        connection, Set.of(Locks.ofHash(vault.hashes().of(locked))));
                registerSomeNew();
                Future<Made<Registration>> waiting = threads.submit(() -> register(waiter, android(locked)));
                await().until(() -> database.count("pg_locks where locktype = 'advisory' and not granted") > 0);
                assertThat(database.count("device where customer_id = '" + waiter.value() + "'"))
                        .isZero();
                connection.rollback();
                return waiting.get(10, TimeUnit.SECONDS);
            }
        });

        assertThat(made.ofNothing()).containsExactly(true, true);
        assertThat(made.result().outcome()).isEqualTo(Registration.Outcome.CREATED);
        assertThat(isStored(made.result().device())).isTrue();
    }

    @Test
    void what_took_its_time_after_it_was_told_what_time_it_is_is_told_anew() {
        AtomicReference<Instant> ready = new AtomicReference<>(Instant.MIN);

        Made<Device> made = guessed(() -> {
            CustomerId late = aCustomer();
            DeviceRegistration device = android(aToken());
            ready.set(Instant.MIN);
            return make(Scope.EMPTY.withRegistrations(late, List.of(device)), registry -> {
                if (ready.get().equals(Instant.MIN)) {
                    Instant end = Instant.now().plus(BlindWrites.MOST_LATE.multipliedBy(2));
                    await().pollInterval(Duration.ofMillis(1))
                            .until(() -> Instant.now().isAfter(end));
                    ready.set(Instant.now().truncatedTo(ChronoUnit.MICROS));
                }
                return registry.register(late, device, MANY).device();
            });
        });

        assertThat(made.ofNothing()).containsExactly(true, true);
        assertThat(made.result().registeredAt()).isAfterOrEqualTo(ready.get());
    }

    @Test
    void what_fails_blindly_for_what_another_one_does_is_stored_after_that_and_the_connection_serves_on() {
        Made<Registration> made = guessed(() -> {
            CustomerId erased = aCustomer();
            try (Connection connection = dataSource.getConnection()) {
                insertErased(connection, erased);
                connection.setAutoCommit(false);
                insertErased(connection, erased);
                registerSomeNew();
                Future<Made<Registration>> waiting = threads.submit(() -> register(erased, android(aToken())));
                // Blindly for a fifth of a second, and then alone.
                await().until(() -> database.count("pg_locks where locktype = 'transactionid' and not granted") > 0);
                await().during(Duration.ofMillis(500)).until(() -> !waiting.isDone());
                connection.rollback();
                return waiting.get(10, TimeUnit.SECONDS);
            }
        });

        assertThat(made.ofNothing()).containsExactly(true, true);
        assertThat(isStored(made.result().device())).isTrue();
        registerSomeNew();
    }

    private static void insertErased(Connection connection, CustomerId customer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into customer (id, erased) values (?, true) on conflict (id) do update set erased = true""")) {
            new Arguments(statement).text(customer.value());
            statement.execute();
        }
    }

    @Test
    void what_cannot_be_is_refused_for_what_there_is_and_not_on_a_guess() {
        List<Boolean> ofNothing = new ArrayList<>();
        await().until(() -> {
            registerSomeNew();
            ofNothing.clear();
            assertThatThrownBy(() ->
                            make(Scope.EMPTY.withRegistrations(customer, List.of(android(token))), registry -> {
                                ofNothing.add(registry.wasEmpty());
                                return registry.register(customer, android(token), 0);
                            }))
                    .isInstanceOf(TooManyDevicesException.class);
            return ofNothing.size() == TWICE;
        });

        assertThat(ofNothing).containsExactly(true, true);
        assertThat(devicesOf(ports.devices(), customer)).isEmpty();
    }

    @Test
    void nothing_is_stored_by_a_key_that_is_not_the_databases_any_more() {
        byte[] ours = vault.hashes().phase().key().bytes();
        await().until(() -> {
            AtomicInteger made = new AtomicInteger();
            registerSomeNew();
            setLookupKey(new byte[ours.length]);
            try {
                assertThatThrownBy(() ->
                                make(Scope.EMPTY.withRegistrations(customer, List.of(android(token))), registry -> {
                                    made.incrementAndGet();
                                    return registry.register(customer, android(token), MANY);
                                }))
                        .isInstanceOf(StoreUnavailableException.class);
            } finally {
                setLookupKey(ours);
            }
            // On a guess: whoever looks first learns of the other key before anything is made.
            return made.get() == 1;
        });

        assertThat(devicesOf(ports.devices(), customer)).isEmpty();
    }

    private void setLookupKey(byte[] key) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement("update token_lookup set key_id = ?")) {
            new Arguments(statement).bytes(key);
            statement.execute();
        }
    }
}
