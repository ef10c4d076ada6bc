package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aProvider;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static java.util.Map.entry;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.port.out.Settlement;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLease;
import io.deviceregistry.application.port.out.SyncLedger;
import io.deviceregistry.application.port.out.SyncRepair;
import io.deviceregistry.application.port.out.Upkeep;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceRegistration;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What is asked all the time is planned well, whatever the planner knows of how many devices there are by now. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class ClaimCostTest {
    private static final List<String> TABLES =
            List.of("customer", "device", "device_sync", "token_release", "idempotency_record");
    private static final String AS_BY_DEFAULT = Stream.of(
                    "enable_seqscan",
                    "enable_bitmapscan",
                    "enable_hashjoin",
                    "enable_mergejoin",
                    "enable_material",
                    "enable_memoize",
                    "enable_sort",
                    "plan_cache_mode")
            .map("set local %s to default"::formatted)
            .collect(joining(";\n"));

    private static final List<String> SYNC = List.of("device_sync");
    private static final int CUSTOMERS = 20;
    private static final int DEVICES = 50;
    private static final int MANY = 200_000;
    private static final int SOME = 20_000;

    /** Of one customer; asked for each of all the others, they took longer than the ten seconds that a statement may. */
    private static final int OF_ONE_CUSTOMER = 2_000;

    /** Registered in one transaction. */
    private static final int TOGETHER = 100;

    /**
     * Entries of indexes that are read for each device that is claimed. Two for each of the fifty that a claim looks at
     * first, for whom all of the customer's are asked about, and some for its own rows.
     */
    private static final int FOR_A_DEVICE = 2 * 50 + 50;

    /** Some probes for each of the two hundred of which an estimate is made; all else reads less. */
    private static final int A_FEW = 200 * 10;

    @Inject
    DeviceStore store;

    @Inject
    SyncLedger ledger;

    @Inject
    SyncRepair repair;

    @Inject
    Upkeep upkeep;

    @Inject
    TokenVault vault;

    @Inject
    Transactions transactions;

    @Inject
    DataSource dataSource;

    @Test
    void a_claim_does_not_look_at_everything_that_became_due_since_the_last_statistics() throws Exception {
        ProviderId provider = aProvider();
        for (int i = 0; i < CUSTOMERS; i++) {
            Examples.register(
                    store,
                    aCustomer(),
                    Stream.generate(() -> Examples.android(aToken()))
                            .limit(DEVICES)
                            .toList(),
                    Set.of(provider));
        }

        // Some probes for each of the fifty that are looked at and of their siblings. To begin with all that is pending
        // takes millions.
        try (Connection connection = dataSource.getConnection()) {
            assertThat(blocksReadByAClaim(connection, provider)).isLessThan(50 * DEVICES * 10);
        }
    }

    @Test
    void a_claim_costs_no_more_when_a_few_hundred_thousand_devices_are_due_whatever_the_planner_knows()
            throws Exception {
        ProviderId provider = aProvider();
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            // A slow machine takes longer for so many devices than the application waits.
            execute(connection, "set local statement_timeout = '5min'");
            manyDue(connection, provider, SyncLane.FRESH, MANY);

            assertThat(blocksReadByAClaim(connection, provider)).isLessThan(2_000);
            execute(connection, "analyze device_sync");
            execute(connection, "analyze device");
            assertThat(blocksReadByAClaim(connection, provider)).isLessThan(2_000);

            connection.rollback();
            connection.setAutoCommit(true);
            // Others share the store, and would have to step over all of it.
            execute(connection, "vacuum (full, analyze) device_sync, device, customer");
        }
    }

    @Test
    void a_claim_of_a_customer_with_thousands_of_devices_reads_as_many_rows_for_each_as_any_other() throws Exception {
        ProviderId provider = aProvider();
        CustomerId customer = aCustomer();
        for (int i = 0; i < OF_ONE_CUSTOMER; i += TOGETHER) {
            List<DeviceRegistration> devices =
                    Stream.generate(() -> android(aToken())).limit(TOGETHER).toList();
            store.change(
                    Examples.writing(Set.of(provider)),
                    Scope.EMPTY.withRegistrations(customer, devices),
                    registry -> devices.stream()
                            .map(device -> registry.register(customer, device, OF_ONE_CUSTOMER))
                            .toList());
        }

        long read = transactions.runEnclosing(connection -> {
            execute(connection, "set local statement_timeout = '5min'");
            long before = RowsRead.in(connection, TABLES).rows();
            List<SyncLease> leases = ledger.lease(provider, SyncLane.FRESH, Duration.ofMinutes(1), 16);
            assertThat(leases)
                    .singleElement()
                    .satisfies(lease -> assertThat(lease.tasks()).hasSize(OF_ONE_CUSTOMER));
            return RowsRead.in(connection, TABLES).rows() - before;
        });

        assertThat(read).isBetween((long) OF_ONE_CUSTOMER, (long) OF_ONE_CUSTOMER * FOR_A_DEVICE);
    }

    /** What the planner knows of columns, it takes for independent of each other: that one provider is behind, of all. */
    @Test
    void a_look_for_what_is_to_be_repaired_costs_no_more_when_many_devices_are_due() throws Exception {
        ProviderId behind = aProvider();
        ProviderId upToDate = aProvider();
        try (Connection connection = dataSource.getConnection()) {
            assertThatExceptionOfType(RolledBackException.class)
                    .isThrownBy(() -> transactions.runEnclosing(transaction -> {
                        execute(transaction, "set local statement_timeout = '5min'");
                        manyDue(transaction, behind, SyncLane.BACKLOG, SOME);
                        manyDue(transaction, upToDate, SyncLane.FRESH, SOME);
                        execute(transaction, "analyze device_sync");
                        long before = RowsRead.in(transaction, SYNC).rows();

                        assertThat(repair.nextToCompare(behind, Duration.ZERO)).isEmpty();
                        repair.sweep(upToDate, Duration.ZERO, 10, 100);

                        assertThat(RowsRead.in(transaction, SYNC).rows() - before)
                                .isLessThan(100);
                        throw new RolledBackException();
                    }));
            execute(connection, "vacuum (full, analyze) device_sync, device, customer");
        }
    }

    /** Autovacuum comes by once a minute, and what was planned before it came stays until then. */
    @Test
    void what_was_planned_on_an_empty_database_does_not_read_all_that_there_is_later_on() {
        ProviderId first = aProvider();
        ProviderId later = aProvider();
        ProviderId upToDate = aProvider();
        Map<String, Long> rowsRead = new TreeMap<>();
        assertThatExceptionOfType(RolledBackException.class)
                .isThrownBy(() -> transactions.runEnclosing(transaction -> {
                    execute(transaction, "set local statement_timeout = '5min'");
                    execute(transaction, "truncate customer, idempotency_record cascade");
                    manyDue(transaction, first, SyncLane.FRESH, 2 * NewDatabase.UNTIL_PLANS_ARE_KEPT);
                    giveTokens(transaction);
                    for (int i = 0; i < NewDatabase.UNTIL_PLANS_ARE_KEPT; i++) {
                        workOnOneOfEach(transaction, first, first);
                    }
                    manyDue(transaction, later, SyncLane.FRESH, SOME);
                    many(transaction, upToDate, "null, 'SYNCED', false", SOME);
                    parked(transaction, upToDate);
                    removed(transaction);
                    erased(transaction, upToDate);
                    execute(transaction, NewDatabase.rememberAnswers(SOME));
                    giveTokens(transaction);
                    rowsRead.putAll(workOnOneOfEach(transaction, later, upToDate));
                    throw new RolledBackException();
                }));

        assertThat(rowsRead)
                .isNotEmpty()
                .allSatisfy((work, rows) -> assertThat(rows).isLessThan(A_FEW));
    }

    /**
     * Each as if in a transaction of its own, in which it says itself how it is to be planned.
     *
     * @return the rows that were read for each
     */
    private Map<String, Long> workOnOneOfEach(Connection connection, ProviderId behind, ProviderId upToDate)
            throws SQLException {
        List<Map.Entry<String, Runnable>> all = List.of(
                entry(
                        "sync",
                        () -> ledger.lease(behind, SyncLane.FRESH, Duration.ofMinutes(1), 1)
                                .forEach(this::settle)),
                entry("totals", () -> ledger.totals(upToDate)),
                entry("requests for each device", () -> ledger.requestsPerDevice(behind, 100)),
                entry("next to compare, if nothing is due", () -> repair.nextToCompare(upToDate, Duration.ZERO)),
                entry("next to compare, if much is due", () -> repair.nextToCompare(behind, Duration.ZERO)),
                entry("sweep", () -> repair.sweep(behind, Duration.ZERO, 10, 10)),
                entry(
                        "comparison",
                        () -> repair.leaseToCompare(upToDate, new CustomerId(upToDate + "-9"), Duration.ofMinutes(1))
                                .ifPresent(lease -> repair.endComparison(lease, List.of(), 0))),
                entry("ends of erasures", () -> upkeep.finishErasures(10)),
                entry("purge", () -> upkeep.purgeRemovedDevices(Duration.ofDays(1), 10)),
                entry("forgotten answers", () -> upkeep.forgetAnswers(Duration.ofDays(1), 10)),
                entry("stale devices", () -> upkeep.nextStaleDevices(Map.of(), Duration.ZERO, 10)));
        Map<String, Long> read = new TreeMap<>();
        for (Map.Entry<String, Runnable> one : all) {
            execute(connection, AS_BY_DEFAULT);
            long before = RowsRead.in(connection, TABLES).rows();
            one.getValue().run();
            read.put(one.getKey(), RowsRead.in(connection, TABLES).rows() - before);
        }
        return read;
    }

    private void settle(SyncLease lease) {
        ledger.settle(
                lease,
                lease.tasks().stream()
                        .map(task -> new Settlement(task.device().id(), task.version(), new Settlement.Synced(null)))
                        .toList());
    }

    private static void parked(Connection connection, ProviderId provider) throws SQLException {
        execute(connection, """
                with made as (
                  insert into device (id, customer_id, token_hash, token_cipher, device_type)
                  select gen_random_uuid(), '%1$s-1', sha256(convert_to('%1$s-parked-' || n, 'UTF8')), '', 'ios'
                    from generate_series(1, 50) n
                  returning id, customer_id)
                insert into device_sync (device_id, provider, customer_id, desired_version, due_at, state, reason,
                                         held_type, held_token_cipher)
                select id, '%1$s', customer_id, 1, null, 'PARKED', 'REJECTED', 'ios', '' from made""".formatted(provider));
    }

    private static void removed(Connection connection) throws SQLException {
        execute(connection, """
                with owner as (insert into customer (id) values ('with-removed-devices') returning id)
                insert into device (id, customer_id, token_hash, token_cipher, device_type, status, removal_reason,
                                    status_since)
                select gen_random_uuid(), owner.id, sha256(convert_to('removed-' || n, 'UTF8')), '', 'ios', 'REMOVED',
                       'DEREGISTERED', now() - interval '1 year'
                  from owner, generate_series(1, %d) n""".formatted(SOME));
    }

    private static void erased(Connection connection, ProviderId provider) throws SQLException {
        execute(connection, """
                with asked as (
                  insert into erasure (id, requested_by, customer_id, devices)
                  values (gen_random_uuid(), 'somebody', '%1$s-1', 20) returning id, customer_id
                ), made as (
                  insert into device (id, customer_id, device_type, status, removal_reason, erasure_id)
                  select gen_random_uuid(), asked.customer_id, 'ios', 'REMOVED', 'DEREGISTERED', asked.id
                    from asked, generate_series(1, 20)
                  returning id, customer_id)
                insert into device_sync (device_id, provider, customer_id, desired_version, due_at, state, erased)
                select id, '%1$s', customer_id, 2, null, 'SYNCED', true from made""".formatted(provider));
    }

    private static final class RolledBackException extends RuntimeException {}

    private static void manyDue(Connection connection, ProviderId provider, SyncLane lane, int number)
            throws SQLException {
        many(connection, provider, "now(), 'PENDING', " + (lane == SyncLane.BACKLOG), number);
    }

    private static void many(Connection connection, ProviderId provider, String dueAtStateBacklog, int number)
            throws SQLException {
        String many = "generate_series(1, " + number + ") n";
        String customer = "'" + provider + "-' || n / 2";
        String id = "md5('" + provider + "-' || n)::uuid";
        execute(
                connection,
                "insert into customer (id) select " + customer + " from " + many + " on conflict do nothing");
        execute(
                connection,
                "insert into device (id, customer_id, token_hash, token_cipher, device_type) select " + id + ", "
                        + customer + ", sha256(convert_to('" + provider + "-' || n, 'UTF8')), '', 'ios' from " + many);
        execute(
                connection,
                "insert into device_sync (device_id, provider, customer_id, desired_version, due_at, state, backlog) select "
                        + id + ", '" + provider + "', " + customer + ", 1, " + dueAtStateBacklog + " from " + many);
    }

    /** To all devices that have none. */
    private void giveTokens(Connection connection) throws SQLException {
        List<DeviceId> devices = new ArrayList<>();
        try (Statement read = connection.createStatement();
                ResultSet row = read.executeQuery("select id from device where token_cipher = ''")) {
            while (row.next()) {
                devices.add(DeviceRow.id(row));
            }
        }
        try (PreparedStatement give = connection.prepareStatement("""
                update device set token_cipher = given.cipher
                  from unnest(?::uuid[], ?::bytea[]) given(id, cipher) where device.id = given.id""")) {
            new Arguments(give)
                    .uuids(devices, DeviceId::value)
                    .byteStrings(devices, device -> vault.seal(aToken(), device));
            give.executeUpdate();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long blocksReadByAClaim(Connection connection, ProviderId provider) throws Exception {
        try (PreparedStatement explain = connection.prepareStatement(
                "explain (analyze, buffers, format json) " + SyncClaims.claimCustomers(16))) {
            explain.setString(1, provider.value());
            explain.setBoolean(2, false);
            try (ResultSet plan = explain.executeQuery()) {
                plan.next();
                return new ObjectMapper()
                        .readTree(plan.getString(1))
                        .at("/0/Plan/Shared Hit Blocks")
                        .asLong();
            }
        }
    }
}
