package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.CALLER;
import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.rotationTo;
import static io.deviceregistry.application.testing.Examples.writing;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ProfileUpdate;
import io.deviceregistry.domain.ProfileUpdate.Part;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.Registry;
import io.deviceregistry.domain.Scope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How many rows PostgreSQL reads for a registration on a database that was new when the statements were planned, has many
 * devices by now, and has not been analyzed yet. All of it is in a transaction of this test's.
 */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class RegistrationCostTest {
    private static final int DEVICES = 50_000;
    private static final int REGISTRATIONS = 20;

    /** Probes of indexes that find little, for the statements and for foreign keys. */
    private static final int FOR_A_REGISTRATION = 20;

    /** Three changes, each of which looks for more. */
    private static final int FOR_A_TAKE_OVER = 3 * 30;

    private static final ProviderId PROVIDER = new ProviderId("some-provider");

    private static final String MAKE_DEVICES = """
            with made as (
              insert into device (id, customer_id, token_hash, token_cipher, device_type)
              select ('01000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'many', sha256(n::text::bytea),
                     '\\x00', 'android'
                from generate_series(1, %d) n
              returning id, customer_id)
            insert into device_sync (device_id, provider, customer_id, desired_version, backlog)
            select id, 'some-provider', customer_id, 1, true from made""".formatted(DEVICES);

    private static final List<String> TABLES =
            List.of("customer", "device", "device_sync", "token_release", "idempotency_record");

    @Inject
    DataSource dataSource;

    @Inject
    TokenVault vault;

    @Inject
    DeviceIds ids;

    private Connection connection;

    @BeforeEach
    void begin() throws SQLException {
        connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        execute("set local statement_timeout = '5min'");
        execute("truncate customer, idempotency_record cascade");
    }

    @AfterEach
    void undo() throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
        connection.close();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void register(boolean once) throws SQLException {
        CustomerId customer = aCustomer();
        DeviceRegistration device = android(aToken());
        change(
                Scope.EMPTY.withRegistrations(customer, List.of(device)),
                once,
                registry -> registry.register(customer, device, MANY));
    }

    /** Of a customer with a profile, by another customer, who replaces its token then. */
    private void takeOver() throws SQLException {
        CustomerId former = aCustomer();
        CustomerId customer = aCustomer();
        DeviceRegistration device = android(aToken());
        DeviceToken next = aToken();
        ProfileUpdate profile = new ProfileUpdate(Part.KEPT, Part.set("Ada"), Part.KEPT, Part.KEPT);
        change(Scope.EMPTY.withRegistrations(former, List.of(device)), false, registry -> {
            registry.describe(former, profile);
            registry.register(former, device, MANY);
        });
        change(
                Scope.EMPTY.withRegistrations(customer, List.of(device)),
                false,
                registry -> registry.register(customer, device, MANY));
        change(
                Scope.EMPTY.withTokens(customer, List.of(device.token(), next)),
                false,
                registry -> registry.rotate(customer, device.token(), rotationTo(next), MANY));
    }

    private void change(Scope scope, boolean once, Consumer<Registry> change) throws SQLException {
        Footprint footprint = Footprint.of(scope, vault.hashes(), once ? aRecord() : null);
        Registry registry = LoadedRegistry.tryLoad(connection, List.of(footprint), vault, ids)
                .getFirst()
                .orElseThrow()
                .registry()
                .apply(CALLER);
        change.accept(registry);
        RegistryChanges.store(
                connection,
                List.of(new RegistryChanges.Part(
                        registry, footprint, writing(Set.of(PROVIDER)), once ? "an answer" : null)),
                vault);
    }

    private IdempotencyRecord aRecord() {
        RequestKey key = new RequestKey("caller", "operation", aToken().value());
        return IdempotencyRecord.of(new IdempotentRequest(key, new byte[] {1}), Duration.ofDays(1), vault);
    }

    /** @param once whether its answer is looked for and remembered */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_was_planned_on_an_empty_database_does_not_read_all_that_there_is_later_on(boolean once)
            throws SQLException {
        assertThat(rowsReadLaterOn(() -> register(once))).isPositive().isLessThan(REGISTRATIONS * FOR_A_REGISTRATION);
    }

    @Test
    void nor_does_what_concerns_known_devices_while_many_others_are_in_the_backlog() throws SQLException {
        assertThat(rowsReadLaterOn(this::takeOver)).isPositive().isLessThan(REGISTRATIONS * FOR_A_TAKE_OVER);
    }

    private interface Change {
        void make() throws SQLException;
    }

    private long rowsReadLaterOn(Change change) throws SQLException {
        for (int i = 0; i < NewDatabase.UNTIL_PLANS_ARE_KEPT; i++) {
            change.make();
        }
        execute("insert into customer (id) values ('many')");
        execute(MAKE_DEVICES);
        execute(NewDatabase.rememberAnswers(DEVICES));

        long before = RowsRead.in(connection, TABLES).rows();
        for (int i = 0; i < REGISTRATIONS; i++) {
            change.make();
        }
        return RowsRead.in(connection, TABLES).rows() - before;
    }
}
