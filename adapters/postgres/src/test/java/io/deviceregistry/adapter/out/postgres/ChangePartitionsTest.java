package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Metrics;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Changes have a partition to go to, and go with it when they are old. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class ChangePartitionsTest {
    @Inject
    ChangePartitions partitions;

    @Inject
    Transactions transactions;

    @Inject
    DataSource dataSource;

    private final LocalDate today = LocalDate.now(ZoneOffset.UTC);

    private static String of(LocalDate day) {
        return "device_change_" + DateTimeFormatter.BASIC_ISO_DATE.format(day);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> rows(String query) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                rows.add(row.getString(1));
            }
            return rows;
        }
    }

    private static Instant midnight(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static Instant noon(LocalDate day) {
        return midnight(day).plus(Duration.ofHours(12));
    }

    private List<String> all() throws SQLException {
        return rows("select inhrelid::regclass::text from pg_inherits where inhparent = 'device_change'::regclass");
    }

    @Test
    void what_is_missing_of_the_week_ahead_is_made() throws Exception {
        execute("drop table " + of(today.plusDays(6)));
        execute("drop table " + of(today.plusDays(7)));

        partitions.addMissing();
        partitions.addMissing();

        assertThat(all())
                .contains(of(today), of(today.plusDays(6)), of(today.plusDays(7)))
                .doesNotContain(of(today.plusDays(8)));
        assertThat(rows("select indexrelid::regclass::text from pg_index where indrelid = '%s'::regclass"
                        .formatted(of(today.plusDays(7)))))
                .hasSize(1);
    }

    @Test
    void how_many_days_ahead_there_is_room_is_told_as_it_was_seen_last() throws Exception {
        partitions.addMissing();
        assertThat(partitions.daysAhead()).isEqualTo(7);
        assertThat(Metrics.globalRegistry
                        .get("registry.change.partitions.days.ahead")
                        .gauges())
                .hasSize(1);

        ChangePartitions neverSucceeded = new ChangePartitions(dataSource, transactions, () -> Duration.ofDays(3));
        assertThat(neverSucceeded.daysAhead()).isNegative();
    }

    @Test
    void what_is_older_than_the_retention_is_dropped_and_where_it_ended_is_noted() throws Exception {
        LocalDate old = today.minusDays(4);
        LocalDate kept = today.minusDays(3);
        for (LocalDate day : List.of(old, kept)) {
            execute(
                    "create table if not exists %s partition of device_change for values from ('%s 00:00Z') to ('%s 00:00Z')"
                            .formatted(of(day), day, day.plusDays(1)));
        }
        execute("""
                insert into device_change
                       (generation, xid, seq, changed_at, device_id, customer_id, kind, version, caller)
                values (1, '3', 7, '%s 12:00Z', gen_random_uuid(), 'old', 'REGISTERED', 1, 'somebody')""".formatted(old));

        ChangePartitions ofThreeDays = new ChangePartitions(dataSource, transactions, () -> Duration.ofDays(3));
        ofThreeDays.dropOld(today);

        assertThat(all()).contains(of(kept)).doesNotContain(of(old));
        assertThat(ofThreeDays.keptUntil(noon(old))).isEqualTo(midnight(today));
        assertThat(ofThreeDays.keptUntil(noon(kept))).isEqualTo(midnight(today.plusDays(1)));
        assertThat(rows("select generation || '/' || xid || '/' || seq from change_horizon"))
                .containsExactly("1/3/7");
        assertThat(rows("select relname from pg_class where relname = '%s'".formatted(of(old))))
                .isEmpty();
    }

    @Test
    void what_an_earlier_drop_left_behind_is_dropped() throws Exception {
        LocalDate old = today.minusDays(9);
        execute("create table %s (like device_change including defaults)".formatted(of(old)));

        new ChangePartitions(dataSource, transactions, () -> Duration.ofDays(3)).dropOld(today);

        assertThat(rows("select relname from pg_class where relname = '%s'".formatted(of(old))))
                .isEmpty();
    }

    @Test
    void a_retention_of_less_than_a_day_is_refused_by_its_name() {
        assertThatThrownBy(() -> new ChangePartitions(dataSource, transactions, () -> Duration.ofHours(23)))
                .hasMessageContaining("registry.changes.retention");
    }
}
