package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.MANY;
import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static io.deviceregistry.application.testing.Examples.rotationTo;
import static io.deviceregistry.application.testing.Examples.writing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.application.port.out.Changes;
import io.deviceregistry.application.port.out.DeviceStore;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.domain.ChangesGoneException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceChange;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.Scope;
import io.deviceregistry.domain.UnknownTokenException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The feed skips nothing, whoever commits when, and says so where it would. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class ChangeOrderTest {
    private static final int WRITERS = 6;
    private static final int CHANGES_OF_A_WRITER = 150;

    @Inject
    PostgresChangeFeed feed;

    @Inject
    ChangeGenerations generations;

    @Inject
    DeviceStore store;

    @Inject
    DataSource dataSource;

    @Inject
    Transactions transactions;

    private Device register(CustomerId customer, DeviceToken token) {
        return Examples.register(store, customer, List.of(android(token)), Set.of())
                .getFirst()
                .device();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            execute(connection, sql);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> rows(String query) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            return rows(connection, query);
        }
    }

    private static List<String> rows(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                rows.add(row.getString(1));
            }
            return rows;
        }
    }

    private List<DeviceId> devicesAfter(ChangeCursor position) {
        return feed.changes(position, 1_000).changes().stream()
                .map(DeviceChange::device)
                .toList();
    }

    private static String changed(DeviceId device) {
        return """
                insert into device_change (generation, device_id, customer_id, kind, version, caller)
                select max(generation), '%s', 'late', 'REGISTERED', 1, 'somebody' from change_generation""".formatted(device);
    }

    private static DeviceId aDevice() {
        return new DeviceId(UUID.randomUUID());
    }

    @Test
    void given_a_change_that_is_under_way_when_later_ones_are_done_then_they_are_told_after_it() throws Exception {
        register(aCustomer(), aToken());
        ChangeCursor begin = awaitEnd();
        DeviceId late = aDevice();
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            execute(connection, changed(late));
            Device early = register(aCustomer(), aToken());
            Device next = register(aCustomer(), aToken());

            assertThat(feed.changes(begin, 1_000)).isEqualTo(new Changes(List.of(), begin));
            assertThat(feed.end()).isEqualTo(begin);
            connection.commit();

            await().untilAsserted(() -> assertThat(devicesAfter(begin)).containsExactly(late, early.id(), next.id()));
        }
    }

    @Test
    void given_a_change_that_is_undone_then_later_ones_are_told_without_it() throws Exception {
        ChangeCursor begin = awaitEnd();
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            execute(connection, changed(aDevice()));
            Device early = register(aCustomer(), aToken());
            connection.rollback();

            await().untilAsserted(() -> assertThat(devicesAfter(begin)).containsExactly(early.id()));
        }
    }

    /** Nothing of what was done before is under way. */
    private ChangeCursor awaitEnd() {
        Device last = register(aCustomer(), aToken());
        return await().until(feed::end, end -> {
            List<DeviceChange> all = new ArrayList<>();
            Changes page = feed.changes(null, 1_000);
            while (!page.changes().isEmpty()) {
                all.addAll(page.changes());
                page = feed.changes(page.next(), 1_000);
            }
            return all.getLast().device().equals(last.id()) && page.next().equals(end);
        });
    }

    @Test
    void given_writers_who_race_for_tokens_when_a_reader_follows_then_it_sees_each_version_once_and_in_order()
            throws Exception {
        ChangeCursor begin = awaitEnd();
        List<CustomerId> customers =
                Stream.generate(Examples::aCustomer).limit(WRITERS).toList();
        List<DeviceToken> tokens = Stream.generate(Examples::aToken).limit(5).toList();
        AtomicBoolean done = new AtomicBoolean();
        List<DeviceChange> seen = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1)) {
            List<Future<?>> writers = IntStream.range(0, WRITERS)
                    .<Future<?>>mapToObj(writer -> threads.submit(() -> write(customers.get(writer), tokens, writer)))
                    .toList();
            Future<ChangeCursor> reader = threads.submit(() -> {
                ChangeCursor position = begin;
                while (true) {
                    boolean last = done.get();
                    Changes page = feed.changes(position, 7);
                    seen.addAll(page.changes());
                    position = page.next();
                    if (last && page.changes().isEmpty() && position.equals(feed.end())) {
                        return position;
                    }
                }
            });
            for (Future<?> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
            done.set(true);
            reader.get(60, TimeUnit.SECONDS);
        }

        String ours = customers.stream().map(customer -> "'" + customer + "'").collect(Collectors.joining(","));
        assertThat(seen.stream().map(change -> change.device() + " " + change.version()))
                .hasSizeGreaterThan(WRITERS * CHANGES_OF_A_WRITER / 4)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(rows(
                        "select device_id || ' ' || version from device_change where customer_id in (" + ours + ")"));
        seen.stream()
                .collect(Collectors.groupingBy(
                        DeviceChange::device, Collectors.mapping(DeviceChange::version, Collectors.toList())))
                .forEach((device, versions) -> assertThat(versions)
                        .as("%s", device)
                        .isEqualTo(LongStream.rangeClosed(1, versions.size())
                                .boxed()
                                .toList()));
    }

    private void write(CustomerId customer, List<DeviceToken> tokens, int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < CHANGES_OF_A_WRITER; i++) {
            DeviceToken token = tokens.get(random.nextInt(tokens.size()));
            DeviceToken other = tokens.get(random.nextInt(tokens.size()));
            if (random.nextBoolean() || token.equals(other)) {
                register(customer, token);
            } else {
                try {
                    store.change(
                            writing(Set.of()),
                            Scope.EMPTY.withTokens(customer, List.of(token, other)),
                            registry -> registry.rotate(customer, token, rotationTo(other), MANY));
                } catch (UnknownTokenException e) {
                    register(customer, other);
                }
            }
        }
    }

    @Test
    void given_a_position_before_what_was_dropped_then_it_is_refused_and_the_oldest_kept_are_told() throws Exception {
        LocalDate old = LocalDate.now(ZoneOffset.UTC).minusDays(20);
        Device kept = register(aCustomer(), aToken());
        execute(
                "create table device_change_%s partition of device_change for values from ('%s 00:00Z') to ('%s 00:00Z')"
                        .formatted(DateTimeFormatter.BASIC_ISO_DATE.format(old), old, old.plusDays(1)));
        execute("""
                insert into device_change
                       (generation, xid, seq, changed_at, device_id, customer_id, kind, version, caller)
                values (1, '2', 1, '%s 12:00Z', gen_random_uuid(), 'old', 'REGISTERED', 1, 'somebody')""".formatted(old));
        UUID first = UUID.fromString(
                rows("select id from change_generation where generation = 1").getFirst());
        ChangeCursor before = new ChangeCursor(first, 1, 0);

        new ChangePartitions(dataSource, transactions, () -> Duration.ofDays(10))
                .dropOld(LocalDate.now(ZoneOffset.UTC));

        assertThatExceptionOfType(ChangesGoneException.class)
                .isThrownBy(() -> feed.changes(before, 10))
                .withMessageContaining("because of their age");
        String[] horizon =
                rows("select xid || ' ' || seq from change_horizon").getFirst().split(" ", -1);
        ChangeCursor at = new ChangeCursor(first, Long.parseLong(horizon[0]), Long.parseLong(horizon[1]));
        assertThat(feed.changes(at, 1)).isEqualTo(feed.changes(null, 1));
        assertThat(feed.changes(null, 1).changes())
                .extracting(DeviceChange::customer)
                .doesNotContain(new CustomerId("old"));
        await().untilAsserted(
                        () -> assertThat(devicesOf(feed.changes(null, 100_000))).contains(kept.id()));
    }

    private static List<DeviceId> devicesOf(Changes changes) {
        return changes.changes().stream().map(DeviceChange::device).toList();
    }

    @Test
    void given_the_database_where_it_was_then_no_generation_begins() throws Exception {
        List<String> before = rows("select generation from change_generation");

        generations.beginIfElsewhere();

        assertThat(rows("select generation from change_generation")).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"system_identifier = 1", "database_oid = 1", "timeline = '0000000F'"})
    void
            given_a_database_that_came_from_elsewhere_when_processes_start_then_one_generation_begins_and_the_past_is_known(
                    String elsewhere) throws Exception {
        ChangeCursor restored = awaitEnd();
        execute("update change_generation set %s where generation = (select max(generation) from change_generation)"
                .formatted(elsewhere));
        int before = rows("select generation from change_generation").size();

        try (ExecutorService processes = Executors.newFixedThreadPool(4)) {
            for (Future<?> start : IntStream.range(0, 4)
                    .<Future<?>>mapToObj(_ -> processes.submit(generations::beginIfElsewhere))
                    .toList()) {
                start.get(20, TimeUnit.SECONDS);
            }
        }

        assertThat(rows("select generation from change_generation")).hasSize(before + 1);
        assertThat(feed.changes(restored, 10)).isEqualTo(new Changes(List.of(), restored));
        ChangeCursor lost = new ChangeCursor(restored.generation(), restored.transaction(), restored.sequence() + 1);
        assertThatExceptionOfType(ChangesGoneException.class)
                .isThrownBy(() -> feed.changes(lost, 10))
                .withMessageContaining("restored");
        Device next = register(aCustomer(), aToken());
        await().untilAsserted(() -> assertThat(devicesAfter(restored)).containsExactly(next.id()));
        assertThat(feed.end().generation()).isNotEqualTo(restored.generation());
    }

    /** A process that has not heard of the restore does not write behind the back of those who read on. */
    @Test
    void given_a_change_under_way_when_a_generation_begins_then_that_waits_and_the_change_is_told() throws Exception {
        ChangeCursor begin = awaitEnd();
        DeviceId late = aDevice();
        execute("update change_generation set timeline = '000000FF'"
                + " where generation = (select max(generation) from change_generation)");
        try (Connection connection = dataSource.getConnection();
                ExecutorService process = Executors.newSingleThreadExecutor()) {
            connection.setAutoCommit(false);
            execute(connection, changed(late));
            Future<?> start = process.submit(generations::beginIfElsewhere);
            await().until(() ->
                    rows("select 1 from pg_locks where not granted" + " and relation = 'device_change'::regclass")
                                    .size()
                            == 1);
            connection.commit();
            start.get(20, TimeUnit.SECONDS);
        }
        Device next = register(aCustomer(), aToken());

        await().untilAsserted(() -> assertThat(devicesAfter(begin)).containsExactly(late, next.id()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"force_custom_plan", "force_generic_plan"})
    void reading_follows_the_index_of_each_partition_whatever_the_planner_knows(String mode) throws Exception {
        String read = PostgresChangeFeed.READ;
        for (int i = 1; read.contains("?"); i++) {
            read = read.replaceFirst("\\?", "\\$" + i);
        }
        List<String> plan;
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            execute(connection, "set local plan_cache_mode = " + mode);
            execute(connection, PostgresChangeFeed.BY_INDEX);
            execute(connection, "prepare reading (integer, text, bigint, integer) as " + read);
            plan = rows(connection, "explain execute reading (1, '7', 3, 100)");
            execute(connection, "deallocate reading");
            connection.rollback();
        }

        assertThat(plan)
                .anyMatch(line -> line.contains("Merge Append"))
                .filteredOn(line -> line.contains(" on device_change_"))
                .hasSizeGreaterThan(7)
                .allMatch(line -> line.contains("Index Scan using"));
        assertThat(plan)
                .filteredOn(line -> line.contains("Index Cond"))
                .filteredOn(line -> line.contains("generation, "))
                .hasSizeGreaterThan(7)
                .allMatch(line -> line.contains(" > ") && line.contains(" < "));
    }
}
