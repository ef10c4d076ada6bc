package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.DeviceToken;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Lists that are asked for at the same time, long ones and short ones, so that some are read together and in parts. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeviceListsTest {
    private static final Set<DeviceStatus> ACTIVE = Set.of(DeviceStatus.ACTIVE);
    private static final int LIMIT = 900;

    /** Devices of each customer: as many as a page has, or one more, are more together than are read at once. */
    private static final List<Integer> SIZES = List.of(0, 3, 900, 901, 0, 1, 1_750, 900, 2, 850);

    @Inject
    DeviceStore store;

    @Inject
    TokenVault vault;

    @Inject
    DeviceIds newIds;

    @Inject
    DataSource dataSource;

    private final Map<CustomerId, List<DeviceId>> devices = new LinkedHashMap<>();
    private final List<CustomerId> made = new ArrayList<>();

    @BeforeAll
    void makeDevices() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            for (int size : SIZES) {
                CustomerId customer = aCustomer();
                List<DeviceId> ids =
                        IntStream.range(0, size).mapToObj(_ -> newIds.get()).toList();
                devices.put(customer, ids);
                insert(connection, customer, ids);
            }
        }
    }

    @AfterAll
    void forgetDevices() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            // Others share the store, and would have to step over all of it.
            for (CustomerId customer : made) {
                statement.execute("delete from device where customer_id = '%s'".formatted(customer));
            }
            statement.execute("vacuum (full, analyze) device");
        }
    }

    private void insert(Connection connection, CustomerId customer, List<DeviceId> ids) throws SQLException {
        made.add(customer);
        try (PreparedStatement statement = connection.prepareStatement("""
                with owner as (insert into customer (id) values (?))
                insert into device (id, customer_id, token_hash, token_cipher, device_type)
                select id, ?, hash, cipher, 'android' from unnest(?::uuid[], ?::bytea[], ?::bytea[]) d(id, hash, cipher)""")) {
            List<DeviceToken> tokens = ids.stream().map(_ -> aToken()).toList();
            List<byte[]> ciphers = IntStream.range(0, ids.size())
                    .mapToObj(i -> vault.seal(tokens.get(i), ids.get(i)))
                    .toList();
            new Arguments(statement)
                    .text(customer.value())
                    .text(customer.value())
                    .uuids(ids, DeviceId::value)
                    .byteStrings(tokens, vault.hashes()::of)
                    .byteStrings(ciphers, cipher -> cipher);
            statement.execute();
        }
    }

    private List<DeviceId> all(CustomerId customer) {
        List<DeviceId> found = new ArrayList<>();
        DeviceId after = null;
        do {
            Page<Device, DeviceId> page = store.devices(DeviceQuery.ofCustomer(customer, ACTIVE, after, LIMIT));
            assertThat(page.items())
                    .hasSizeLessThanOrEqualTo(LIMIT)
                    .allMatch(device -> device.customer().equals(customer));
            found.addAll(page.items().stream().map(Device::id).toList());
            after = page.next();
        } while (after != null);
        return found;
    }

    @Test
    void each_is_what_it_would_be_alone() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Future<List<DeviceId>>, List<DeviceId>> expected = new LinkedHashMap<>();
            for (int round = 0; round < 20; round++) {
                devices.forEach((customer, ids) -> expected.put(threads.submit(() -> all(customer)), ids));
            }
            for (Map.Entry<Future<List<DeviceId>>, List<DeviceId>> list : expected.entrySet()) {
                assertThat(list.getKey().get()).isEqualTo(list.getValue());
            }
        }
    }

    @Test
    void one_that_cannot_be_read_fails_alone() throws Exception {
        CustomerId broken = aCustomer();
        DeviceId device = newIds.get();
        try (Connection connection = dataSource.getConnection()) {
            insert(connection, broken, List.of(device));
            try (PreparedStatement statement =
                    connection.prepareStatement("update device set token_cipher = '\\x00' where id = ?")) {
                new Arguments(statement).uuid(device.value());
                statement.executeUpdate();
            }
        }
        CustomerId whole = devices.entrySet().stream()
                .filter(entry -> entry.getValue().size() == 3)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<DeviceId>>> good = new ArrayList<>();
            List<Future<List<DeviceId>>> bad = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                good.add(threads.submit(() -> all(whole)));
                bad.add(threads.submit(() -> all(broken)));
            }
            for (Future<List<DeviceId>> list : good) {
                assertThat(list.get()).hasSize(3);
            }
            assertThat(bad)
                    .allSatisfy(list -> assertThat(list)
                            .failsWithin(Duration.ofSeconds(10))
                            .withThrowableOfType(ExecutionException.class)
                            .withCauseInstanceOf(UnreadableTokenException.class));
        }
    }
}
