package io.deviceregistry.adapter.out.postgres;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of {@code device_change}, one for each day of UTC. Without one for today nothing can be changed, so they
 * are made a week ahead, and at the latest when a process starts.
 */
@ApplicationScoped
class ChangePartitions {
    private static final Duration INTERVAL = Duration.ofHours(1);

    private static final String PREFIX = "device_change_";
    private static final DateTimeFormatter DAY = DateTimeFormatter.BASIC_ISO_DATE;

    /**
     * Made beside the table and attached, which changes do not have to wait for. The lock lets replicas take turns; with
     * two numbers it is another one than any of {@link Locks}.
     */
    private static final String ADD_MISSING = """
            do $$
            declare
                today date := (now() at time zone 'UTC')::date;
                day date;
                name text;
            begin
                perform pg_advisory_xact_lock(hashtext('partitions of device_change'), 0);
                for i in 0..7 loop
                    day := today + i;
                    name := 'device_change_' || to_char(day, 'YYYYMMDD');
                    if to_regclass(name) is null then
                        execute format('create table %I (like device_change including defaults)', name);
                        execute format(
                            'alter table device_change attach partition %I for values from (%L) to (%L)',
                            name, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
                    end if;
                end loop;
            end $$""";

    private static final String LAST = """
            select max(c.relname) from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent = 'device_change'::regclass""";

    /** Those too that were detached, or half so, when an earlier drop was broken off; with what is left to do of that. */
    private static final String OLD = """
            select c.relname,
                   case when i.inhdetachpending then 'finalize' when i.inhrelid is not null then 'concurrently' end
                     as detach
              from pg_class c left join pg_inherits i on i.inhrelid = c.oid
             where c.relnamespace = (select relnamespace from pg_class where oid = 'device_change'::regclass)
               and c.relkind = 'r' and c.relname ~ '^device_change_[0-9]{8}$' and c.relname < ?
             order by c.relname""";

    private final DataSource dataSource;
    private final Transactions transactions;
    private final Duration retention;
    private final AtomicLong nextTime = new AtomicLong(System.nanoTime());

    /** As it was seen last. */
    private volatile LocalDate last = LocalDate.EPOCH;

    ChangePartitions(DataSource dataSource, Transactions transactions, ChangesConfig config) {
        this.dataSource = dataSource;
        this.transactions = transactions;
        this.retention = config.retention();
        if (retention.compareTo(Duration.ofDays(1)) < 0) {
            throw new IllegalArgumentException("registry.changes.retention must be at least a day");
        }
    }

    void start(@Observes @Priority(1) StartupEvent event) {
        addMissing();
        Gauge.builder("registry.change.partitions.days.ahead", this, ChangePartitions::daysAhead)
                .description("For how many days after today changes can be noted")
                .register(Metrics.globalRegistry);
    }

    /** Falls by itself, day by day, while none can be made. */
    long daysAhead() {
        return ChronoUnit.DAYS.between(LocalDate.now(ZoneOffset.UTC), last);
    }

    /** Cheap, unless it was not called for an hour. */
    void keep() {
        long now = System.nanoTime();
        long next = nextTime.get();
        if (now - next >= 0 && nextTime.compareAndSet(next, now + INTERVAL.toNanos())) {
            addMissing();
            dropOld(LocalDate.now(ZoneOffset.UTC));
        }
    }

    void addMissing() {
        last = transactions.run(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute(ADD_MISSING);
                try (ResultSet row = statement.executeQuery(LAST)) {
                    row.next();
                    return LocalDate.parse(row.getString(1).substring(PREFIX.length()), DAY);
                }
            }
        });
    }

    /** @param detach how it is to be detached; null if it is */
    private record Partition(String name, @Nullable String detach) {}

    /** When a change of that time goes, with its whole day, give or take the hour between two looks. */
    Instant keptUntil(Instant change) {
        return LocalDate.ofInstant(change, ZoneOffset.UTC)
                .plusDays(retention.toDays() + 1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }

    /** Those whose last change is older than the retention. */
    void dropOld(LocalDate today) {
        LocalDate oldestKept = today.minusDays(retention.toDays());
        for (Partition partition : transactions.run(connection -> olderThan(connection, oldestKept))) {
            moveHorizon(partition);
            drop(partition);
        }
    }

    private static List<Partition> olderThan(Connection connection, LocalDate day) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OLD)) {
            new Arguments(statement).text(PREFIX + DAY.format(day));
            List<Partition> old = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    old.add(new Partition(row.getString("relname"), row.getString("detach")));
                }
            }
            return old;
        }
    }

    /** Before the changes go, so that nobody who reads from before them is left to believe that there were none. */
    private void moveHorizon(Partition partition) {
        String sql = """
                insert into change_horizon as h (generation, xid, seq)
                select generation, xid, seq from %s order by generation desc, xid desc, seq desc limit 1
                on conflict (only_one) do update
                  set generation = excluded.generation, xid = excluded.xid, seq = excluded.seq
                where (excluded.generation, excluded.xid, excluded.seq) > (h.generation, h.xid, h.seq)""".formatted(partition.name());
        transactions.run(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }

    /**
     * Detached concurrently, lest changes wait for whoever reads the feed; that is not possible within a transaction. When
     * it is broken off, the next time completes it.
     */
    private void drop(Partition partition) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            if (partition.detach() != null) {
                statement.execute("alter table device_change detach partition %s %s"
                        .formatted(partition.name(), partition.detach()));
            }
            statement.execute("drop table " + partition.name());
        } catch (SQLException e) {
            throw new IllegalStateException("The old changes in " + partition.name() + " cannot be dropped now", e);
        }
    }
}
