package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.ParkedQuery;
import io.deviceregistry.application.port.out.ParkedSelection;
import io.deviceregistry.application.port.out.SyncLane;
import io.deviceregistry.application.port.out.SyncLedger.Unparked;
import io.deviceregistry.application.port.out.SyncTotals;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.ParkedSync;
import io.deviceregistry.domain.ProviderId;
import io.deviceregistry.domain.ProviderSync;
import io.deviceregistry.domain.SyncReason;
import io.deviceregistry.domain.SyncState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What people who run the registry ask of {@code device_sync}, and do to it. */
final class SyncInspection {
    /** Devices of each lane. */
    private static final int SAMPLE = 200;

    /** Those that are due first. */
    private static final String PENDING = """
            select count(*) as number,
                   extract(epoch from clock_timestamp() - min(pending_since)) * 1000000 as oldest_micros
              from (select pending_since from %s where state = 'PENDING' limit ?) first""".formatted(DueOrder.rows("backlog = ?", "due_at is not null"));

    private static final String ESTIMATE_PENDING =
            PageSample.count("device_sync", "q", "?", "q.provider = ? and q.backlog = ? and q.state = 'PENDING'");

    /**
     * A row {@code s} for each device that is to rest, in one of these states at one provider. Each state is a range of
     * device_sync_unsynced by itself; asked together they would be a filter of all that is not synced.
     */
    private static final String AT_REST = """
            (values ('PARKED'), ('UNSUPPORTED')) rest(state)
            cross join lateral (
                  select * from device_sync
                   where provider = ? and state = rest.state and state <> 'SYNCED' offset 0) s""";

    private static final String NOT_PENDING = """
            select s.state, s.reason, count(*) as number from %s group by s.state, s.reason""".formatted(AT_REST);

    private static final String COUNT_SYNCED =
            PageSample.count("device_sync", "q", "?", "q.provider = ? and q.state = 'SYNCED'");

    /**
     * Each of those that are due next, lane by lane, stands for its share of the requests that its customer's pending
     * devices take.
     */
    private static final String REQUESTS_PER_DEVICE = """
            with next as materialized (
              (select customer_id from %2$s where state = 'PENDING' limit %1$d)
              union all
              (select customer_id from %3$s where state = 'PENDING' limit %1$d)
            )
            select avg(ceil(own.pending::numeric / ?) / own.pending)
              from next cross join lateral (
                   select count(*) as pending
                     from (select id from device where customer_id = next.customer_id offset 0) d
                    cross join lateral (
                          select from device_sync
                           where device_id = d.id and provider = ? and state = 'PENDING' limit 1) s) own
             where own.pending > 0""".formatted(
            SAMPLE, DueOrder.rows("not backlog", "due_at is not null"), DueOrder.rows("backlog", "due_at is not null"));

    /** Few rows are not synced for good, and only these are looked at. */
    private static final String TWO_HOLDERS = """
            select count(*)
              from %s
             cross join lateral (select * from device where id = s.device_id limit 1) d
             where s.held_type is not null
               and (d.status <> 'ACTIVE'
                    and exists (
                      select from device a where a.token_hash = d.token_hash and a.status = 'ACTIVE' offset 0)
                    or exists (
                      select from (select token_hash from token_release
                                    where device_id = s.device_id and provider = s.provider offset 0) r
                       cross join lateral (
                             select a.id from device a
                              where a.token_hash = r.token_hash and a.status = 'ACTIVE' limit 1) holder
                       where holder.id <> s.device_id offset 0))""".formatted(AT_REST);

    /** In the order of device_sync_unsynced, whose second column is fixed. */
    private static final String PARKED = """
            select s.customer_id, s.device_id, s.provider, s.remote_id, s.attempts, s.unconfirmed_attempts, s.reason,
                   s.last_error, s.due_at
              from device_sync s
             where s.state = 'PARKED' and s.provider >= ? and (s.provider, s.device_id) > (?, ?)
               and s.provider = coalesce(?, s.provider) and s.reason = coalesce(?, s.reason)
             order by s.provider, s.device_id
             limit ?""";

    /** In that order too, so that no step looks at what the ones before it made due. */
    private static final String UNPARK = """
            with chosen as (
              select p.device_id, p.provider from device_sync p
               where p.state = 'PARKED' and p.lease is null and p.provider >= ? and (p.provider, p.device_id) > (?, ?)
                 and p.provider = coalesce(?, p.provider) and p.customer_id = coalesce(?, p.customer_id)
                 and p.device_id = coalesce(?::uuid, p.device_id) and p.reason = coalesce(?, p.reason)
               order by p.provider, p.device_id
               limit ?
                 for update skip locked
            ), unparked as (
              update device_sync s
                 set state = 'PENDING', reason = null, failures = 0, strikes = 0, backlog = ?, due_at = now(),
                     pending_since = now()
                from chosen
               where s.device_id = chosen.device_id and s.provider = chosen.provider
              returning s.device_id, s.provider
            )
            select provider, device_id, count(*) over () as number
              from unparked
             order by provider desc, device_id desc
             limit 1""";

    private SyncInspection() {}

    /**
     * Each number is of another moment, by some milliseconds.
     *
     * @param counted devices of a lane that are read one by one; if more are pending, their number is an estimate
     * @param pages of which it is made then
     */
    static SyncTotals totals(Connection connection, ProviderId provider, int counted, int pages) throws SQLException {
        PlansByIndex.set(connection);
        Map<SyncReason, Long> parked = new EnumMap<>(SyncReason.class);
        long unsupported = 0;
        try (PreparedStatement statement = connection.prepareStatement(NOT_PENDING)) {
            new Arguments(statement).text(provider.value());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    if (SyncState.valueOf(row.getString("state")) == SyncState.PARKED) {
                        parked.put(SyncReason.valueOf(row.getString("reason")), row.getLong("number"));
                    } else {
                        unsupported += row.getLong("number");
                    }
                }
            }
        }
        long twoHolders = twoHolders(connection, provider);
        PlansByIndex.setInOrder(connection);
        Map<SyncLane, Long> pending = new EnumMap<>(SyncLane.class);
        Duration oldest = null;
        for (SyncLane lane : SyncLane.values()) {
            Pending inLane = pending(connection, provider, lane, counted, pages);
            if (inLane.number() > 0) {
                pending.put(lane, inLane.number());
                oldest = oldest == null || inLane.oldest().compareTo(oldest) > 0 ? inLane.oldest() : oldest;
            }
        }
        return new SyncTotals(pending, parked, unsupported, oldest, twoHolders);
    }

    private record Pending(long number, Duration oldest) {}

    private static Pending pending(Connection connection, ProviderId provider, SyncLane lane, int counted, int pages)
            throws SQLException {
        boolean backlog = lane == SyncLane.BACKLOG;
        Pending first;
        try (PreparedStatement statement = connection.prepareStatement(PENDING)) {
            new Arguments(statement).text(provider.value()).bool(backlog).number(counted);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                first = new Pending(
                        row.getLong("number"), Duration.of(row.getLong("oldest_micros"), ChronoUnit.MICROS));
            }
        }
        if (first.number() < counted) {
            return first;
        }
        try (PreparedStatement statement = connection.prepareStatement(ESTIMATE_PENDING)) {
            new Arguments(statement).number(pages).text(provider.value()).bool(backlog);
            return new Pending(Math.max(first.number(), count(statement)), first.oldest());
        }
    }

    static double requestsPerDevice(Connection connection, ProviderId provider, int most) throws SQLException {
        PlansByIndex.setInOrder(connection);
        try (PreparedStatement statement = connection.prepareStatement(REQUESTS_PER_DEVICE)) {
            new Arguments(statement)
                    .text(provider.value())
                    .text(provider.value())
                    .number(most)
                    .text(provider.value());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getDouble(1);
            }
        }
    }

    /** @param pages that are read; if there are more, the number is an estimate */
    static long countSynced(Connection connection, ProviderId provider, int pages) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(COUNT_SYNCED)) {
            new Arguments(statement).number(pages).text(provider.value());
            return count(statement);
        }
    }

    private static long twoHolders(Connection connection, ProviderId provider) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TWO_HOLDERS)) {
            new Arguments(statement).text(provider.value());
            return count(statement);
        }
    }

    private static long count(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    static Page<ParkedSync, ParkedQuery.Position> parked(Connection connection, ParkedQuery query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PARKED)) {
            from(query.after(), new Arguments(statement))
                    .text(query.provider() == null ? null : query.provider().value())
                    .text(query.reason() == null ? null : query.reason().name())
                    .number(query.limit() + 1L);
            List<ParkedSync> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(parked(row));
                }
            }
            return Page.of(
                    found,
                    query.limit(),
                    last -> new ParkedQuery.Position(last.sync().provider(), last.device()));
        }
    }

    private static ParkedSync parked(ResultSet row) throws SQLException {
        return new ParkedSync(
                new CustomerId(row.getString("customer_id")),
                new DeviceId(row.getObject("device_id", UUID.class)),
                new ProviderSync(
                        new ProviderId(row.getString("provider")),
                        SyncState.PARKED,
                        row.getString("remote_id"),
                        row.getInt("attempts"),
                        row.getInt("unconfirmed_attempts"),
                        SyncReason.valueOf(row.getString("reason")),
                        row.getString("last_error"),
                        DeviceRow.timeOrNull(row, "due_at")));
    }

    static Unparked unpark(
            Connection connection,
            ParkedSelection selection,
            SyncLane lane,
            ParkedQuery.@Nullable Position after,
            int limit)
            throws SQLException {
        ProviderId provider = selection.provider();
        CustomerId customer = selection.customer();
        DeviceId device = selection.device();
        SyncReason reason = selection.reason();
        try (PreparedStatement statement = connection.prepareStatement(UNPARK)) {
            from(after, new Arguments(statement))
                    .text(provider == null ? null : provider.value())
                    .text(customer == null ? null : customer.value())
                    .uuid(device == null ? null : device.value())
                    .text(reason == null ? null : reason.name())
                    .number(limit)
                    .bool(lane == SyncLane.BACKLOG);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return new Unparked(0, null);
                }
                int number = row.getInt("number");
                return new Unparked(
                        number,
                        number < limit
                                ? null
                                : new ParkedQuery.Position(
                                        new ProviderId(row.getString("provider")),
                                        new DeviceId(row.getObject("device_id", UUID.class))));
            }
        }
    }

    /** Begins a walk of device_sync_unsynced, or goes on with it. */
    private static Arguments from(ParkedQuery.@Nullable Position after, Arguments arguments) throws SQLException {
        String provider = after == null ? "" : after.provider().value();
        return arguments
                .text(provider)
                .text(provider)
                .uuid(after == null ? new UUID(0, 0) : after.device().value());
    }
}
