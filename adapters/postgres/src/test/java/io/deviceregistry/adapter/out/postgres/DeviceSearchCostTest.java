package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.adapter.out.postgres.DeviceLists.Wanted;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.testing.Search;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.SyncState;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How many rows PostgreSQL reads for a page of a search when there are many devices, whether it plans for the arguments
 * or for any. The devices, and no others, are in a transaction of this test's.
 */
@QuarkusTest
@WithTestResource(PostgresResource.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeviceSearchCostTest {
    private static final int DEVICES = 50_000;
    private static final int BUDGET = DeviceSearch.BUDGET;

    /** Entries that are looked at, and their devices; near the end it may be cheaper to sort all that is left. */
    private static final int A_PAGE_OF_A_WALK = 3 * BUDGET;

    /** Entries at the ends of indexes, which the planner looks at. */
    private static final int FOR_THE_PLANNER = 10;

    /** Three providers, so that the budget ends within the rows of one device. */
    private static final List<ProviderId> PROVIDERS =
            Stream.of("one", "three", "two").map(ProviderId::new).toList();

    /** The numbers of the devices that searches are for: some in each page's part, and all around the first page's end. */
    private static final List<Integer> WANTED = Stream.concat(
                    IntStream.rangeClosed(1, 40).mapToObj(i -> i * 1_200),
                    IntStream.range(BUDGET / 3 - 5, BUDGET / 3 + 5).boxed())
            .sorted()
            .toList();

    private static final CustomerId CUSTOMER = new CustomerId("wanted");
    private static final DeviceType TYPE = new DeviceType("wanted");

    private static final String MAKE_CUSTOMERS = """
            insert into customer (id) select 'c' || n from generate_series(0, ? / 10) n union all select 'wanted'""";

    private static final String MAKE_DEVICES = """
            insert into device (id, customer_id, token_hash, token_cipher, device_type)
            select ('01000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'c' || n / 10,
                   sha256(n::text::bytea), '\\x00', 'android'
              from generate_series(1, ?) n where n <> all (?)""";

    private static final String MAKE_WANTED = """
            insert into device (id, customer_id, token_hash, token_cipher, device_type)
            values (?, 'wanted', ?, ?, 'wanted')""";

    private static final String MAKE_SYNC = """
            insert into device_sync (device_id, provider, customer_id, desired_version, state, due_at)
            select d.id, p, d.customer_id, 1,
                   case when p = 'one' and d.device_type = 'wanted' then 'PARKED' else 'SYNCED' end, null
              from device d, unnest(array['one', 'two', 'three']) p
             where d.customer_id = 'wanted' or d.token_cipher = '\\x00'""";

    private static final List<String> TABLES = List.of("device", "device_sync");

    @Inject
    DataSource dataSource;

    @Inject
    TokenVault vault;

    private Connection connection;

    /** Whether a plan is made for the arguments at hand, as at first, or for any, as later on. */
    enum Plan {
        FORCE_CUSTOM_PLAN,
        FORCE_GENERIC_PLAN
    }

    @BeforeAll
    void makeDevices() throws SQLException {
        connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        // A slow machine takes longer for so many devices than the application waits.
        execute("set local statement_timeout = '5min'");
        // Or the rows would go where other tests left room, and what is read in their order would seem dearer.
        execute("truncate customer cascade");
        execute(MAKE_CUSTOMERS, DEVICES);
        execute(MAKE_DEVICES, DEVICES, connection.createArrayOf("int", WANTED.toArray()));
        for (int number : WANTED) {
            execute(
                    MAKE_WANTED,
                    id(number).value(),
                    vault.hashes().of(token(number)),
                    vault.seal(token(number), id(number)));
        }
        execute(MAKE_SYNC);
        execute("analyze customer, device, device_sync");
    }

    @AfterAll
    void forgetDevices() throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
        connection.close();
    }

    private void execute(String sql, Object... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            statement.execute();
        }
    }

    private static DeviceId id(int number) {
        return DeviceId.parse("01000000-0000-7000-8000-%012d".formatted(number));
    }

    private static DeviceToken token(int number) {
        return new DeviceToken("token " + number);
    }

    /** The page, for which no table was scanned and not more rows were read than this. */
    private Page<Device, DeviceId> page(Plan plan, Search search, @Nullable DeviceId after, int limit, int maxRows)
            throws SQLException {
        execute("set local plan_cache_mode = " + plan);
        AtomicReference<Page<Device, DeviceId>> page = new AtomicReference<>();
        readingAtMost(maxRows, () -> page.set(new DeviceSearch(search.page(after, limit), vault).run(connection)));
        return page.get();
    }

    private interface Reading {
        void run() throws SQLException;
    }

    private void readingAtMost(int maxRows, Reading reading) throws SQLException {
        RowsRead before = RowsRead.in(connection, TABLES);
        reading.run();
        RowsRead now = RowsRead.in(connection, TABLES);
        assertThat(now.scans()).as("scans of tables").isEqualTo(before.scans());
        assertThat(now.rows() - before.rows())
                .as("rows read")
                .isPositive()
                .isLessThanOrEqualTo(maxRows + FOR_THE_PLANNER);
    }

    private static List<DeviceId> ids(List<Device> devices) {
        return devices.stream().map(Device::id).toList();
    }

    private static List<DeviceId> wanted() {
        return WANTED.stream().map(DeviceSearchCostTest::id).toList();
    }

    @ParameterizedTest
    @EnumSource
    void a_token_costs_its_devices(Plan plan) throws SQLException {
        int number = WANTED.get(7);

        Page<Device, DeviceId> page = page(plan, Search.all().having(token(number)), null, 10, 2);

        assertThat(ids(page.items())).containsExactly(id(number));
    }

    @ParameterizedTest
    @EnumSource
    void a_customer_costs_the_customers_devices(Plan plan) throws SQLException {
        Page<Device, DeviceId> page = page(plan, Search.all().of(CUSTOMER), null, 100, 2 * WANTED.size());

        assertThat(ids(page.items())).isEqualTo(wanted());
    }

    @Test
    void lists_of_customers_cost_their_devices() throws SQLException {
        Wanted list = new Wanted(Search.all().of(CUSTOMER).page(null, 100));
        Wanted other = new Wanted(Search.all().of(new CustomerId("nobody")).page(null, 100));

        readingAtMost(2 * WANTED.size(), () -> DeviceLists.read(connection, List.of(other, list, other, list), vault));

        assertThat(ids(list.page().items())).isEqualTo(wanted());
        assertThat(other.page().items()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_state_that_few_are_in_costs_those_few(Plan plan) throws SQLException {
        Search search = Search.all().at(PROVIDERS.getFirst(), SyncState.PARKED);

        Page<Device, DeviceId> page = page(plan, search, null, 100, 2 * WANTED.size());

        assertThat(ids(page.items())).isEqualTo(wanted());
    }

    @ParameterizedTest
    @EnumSource
    void what_narrows_a_customers_devices_costs_a_little_for_each(Plan plan) throws SQLException {
        Search search = Search.all().of(CUSTOMER).at(PROVIDERS.getFirst(), SyncState.PARKED);

        Page<Device, DeviceId> page = page(plan, search, null, 100, 3 * WANTED.size());

        assertThat(ids(page.items())).isEqualTo(wanted());
    }

    @ParameterizedTest
    @EnumSource
    void a_walk_that_finds_nothing_stops_at_the_budget_and_tells_where(Plan plan) throws SQLException {
        Search search = Search.all().ofType(new DeviceType("nobody-has-this"));

        Page<Device, DeviceId> first = page(plan, search, null, 10, A_PAGE_OF_A_WALK);
        assertThat(first.items()).isEmpty();
        assertThat(first.next()).isEqualTo(id(BUDGET));

        Page<Device, DeviceId> later = page(plan, search, id(3 * BUDGET), 10, A_PAGE_OF_A_WALK);
        assertThat(later.items()).isEmpty();
        assertThat(later.next()).isEqualTo(id(4 * BUDGET));
    }

    @ParameterizedTest
    @EnumSource
    void a_page_that_is_full_ends_before_the_budget(Plan plan) throws SQLException {
        Page<Device, DeviceId> page = page(plan, Search.all().ofType(TYPE), null, 2, A_PAGE_OF_A_WALK);

        assertThat(ids(page.items())).isEqualTo(wanted().subList(0, 2));
        assertThat(page.next()).isEqualTo(wanted().get(1));
    }

    @ParameterizedTest
    @EnumSource
    void all_pages_of_a_walk_together_find_all(Plan plan) throws SQLException {
        assertThat(walk(plan, Search.all().ofType(TYPE))).isEqualTo(wanted());
    }

    @ParameterizedTest
    @EnumSource
    void devices_that_are_synced_as_most_are_cost_the_budget_and_are_all_found(Plan plan) throws SQLException {
        for (ProviderId provider : PROVIDERS.subList(1, 3)) {
            assertThat(walk(plan, Search.all().at(provider, SyncState.SYNCED).ofType(TYPE)))
                    .isEqualTo(wanted());
        }
    }

    /** What all pages find among the devices of this test. */
    private List<DeviceId> walk(Plan plan, Search search) throws SQLException {
        List<DeviceId> found = new ArrayList<>();
        DeviceId after = null;
        do {
            Page<Device, DeviceId> page = page(plan, search, after, 10, A_PAGE_OF_A_WALK);
            found.addAll(ids(page.items()));
            after = page.next();
        } while (after != null && after.compareTo(id(DEVICES)) < 0);
        return found;
    }
}
