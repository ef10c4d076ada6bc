package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.CALLER;
import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.writing;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.IdempotentRequest;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceRegistration;
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
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How many rows PostgreSQL reads for a registration on a database that was new when the statements were planned, has many
 * devices by now, and has not been analyzed yet. All of it is in a transaction of this test's.
 */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class RegistrationCostTest {
    /** Enough for the driver to have the statements prepared on the server, which keeps their plans. */
    private static final int UNTIL_PLANS_ARE_KEPT = 20;

    private static final int DEVICES = 50_000;
    private static final int REGISTRATIONS = 20;

    /** Probes of indexes that find little, for the statements and for foreign keys. */
    private static final int FOR_A_REGISTRATION = 20;

    private static final String MAKE_DEVICES = """
            with made as (
              insert into device (id, customer_id, token_hash, token_cipher, device_type)
              select ('01000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'many', sha256(n::text::bytea),
                     '\\x00', 'android'
                from generate_series(1, %d) n
              returning id, customer_id)
            insert into device_sync (device_id, provider, customer_id, desired_version)
            select id, 'some-provider', customer_id, 1 from made""".formatted(DEVICES);

    private static final String REMEMBER_ANSWERS = """
            insert into idempotency_record (key_hash, fingerprint, answer_cipher)
            select sha256(n::text::bytea), '', '' from generate_series(1, %d) n""".formatted(DEVICES);

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
        Scope scope = Scope.EMPTY.withRegistrations(customer, List.of(device));
        Footprint footprint = Footprint.of(scope, vault.hashes(), once ? aRecord() : null);
        Registry registry = LoadedRegistry.tryLoad(connection, List.of(footprint), vault, ids)
                .getFirst()
                .orElseThrow()
                .registry()
                .apply(CALLER);
        registry.register(customer, device, MANY);
        RegistryChanges.store(
                connection,
                List.of(new RegistryChanges.Part(
                        registry, footprint, writing(Set.of(aProvider())), once ? "an answer" : null)),
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
        for (int i = 0; i < UNTIL_PLANS_ARE_KEPT; i++) {
            register(once);
        }
        execute("insert into customer (id) values ('many')");
        execute(MAKE_DEVICES);
        execute(REMEMBER_ANSWERS);

        long before = RowsRead.in(connection, TABLES).rows();
        for (int i = 0; i < REGISTRATIONS; i++) {
            register(once);
        }

        assertThat(RowsRead.in(connection, TABLES).rows() - before)
                .isPositive()
                .isLessThan(REGISTRATIONS * FOR_A_REGISTRATION);
    }
}
