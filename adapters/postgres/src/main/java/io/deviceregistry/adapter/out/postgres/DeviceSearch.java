package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.adapter.out.postgres.Transactions.OvertakenException;
import io.deviceregistry.application.port.out.DeviceQuery;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Device;
import io.deviceregistry.domain.DeviceId;
import io.deviceregistry.domain.DeviceStatus;
import io.deviceregistry.domain.SyncState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One page of a search, in the order of the devices' ids. It looks at a limited number of rows: those that an index leads
 * to where the query names a token, a customer or an unsynced state, else those that are next.
 */
final class DeviceSearch {
    /** Rows that a page looks at; read in the order of an index, so some milliseconds. */
    static final int BUDGET = 10_000;

    /** What is found for any arguments by an index is not worth planning for each. */
    private static final String PLANNED_ONCE = "select set_config('plan_cache_mode', 'force_generic_plan', true)";

    private static final UUID BEFORE_ALL = new UUID(0, 0);

    private final DeviceQuery query;
    private final TokenVault vault;
    private final TokenHashes hashes;
    private final List<Object> driving = new ArrayList<>();
    private final List<Object> narrowing = new ArrayList<>();

    DeviceSearch(DeviceQuery query, TokenVault vault) {
        this.query = query;
        this.vault = vault;
        this.hashes = vault.hashes();
    }

    /** @throws OvertakenException if it looked for a hash, and it is not one of those of the database */
    Page<Device, DeviceId> run(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PLANNED_ONCE + ";\n" + sql())) {
            int n = 0;
            for (Object argument : driving) {
                statement.setObject(++n, argument);
            }
            for (Object argument : narrowing) {
                statement.setObject(++n, argument);
            }
            // One more tells whether there is a next page.
            statement.setInt(++n, query.limit() + 1);
            statement.execute();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                return page(row);
            }
        }
    }

    /**
     * The limit of what is looked at is literal: with a parameter in its place a generic plan reads the whole table. Rows
     * of one device in device_sync are looked at together, for the next page begins with another device. Each device is
     * read by its id, one after the other until the page is full: the lateral limit keeps the planner from reading the
     * whole table for a join, which it would while that is small or where it does not know the arguments. The columns of
     * {@code extent} come with every row, and with one row of nulls where nothing was found.
     */
    private String sql() {
        return """
                with looked_at as materialized (
                  %s order by 1 fetch first %d rows with ties
                ), found as (
                  select %s, d.token_cipher
                    from (select id from looked_at where hit order by id) l
                         cross join lateral (
                           select * from device d where d.id = l.id and d.erasure_id is null %s limit 1) d
                   order by l.id
                   limit ?
                )
                select d.*, extent.last_id, extent.number, %s
                  from (select (select id from looked_at order by id desc limit 1) as last_id,
                               (select count(*) from looked_at) as number) extent
                  left join token_lookup lookup on true
                  left join found d on true
                 order by d.id""".formatted(drivingQuery(), BUDGET, DeviceRow.COLUMNS, narrowingConditions(), LookupPhase.COLUMNS);
    }

    private Page<Device, DeviceId> page(ResultSet row) throws SQLException {
        List<Device> found = new ArrayList<>();
        DeviceId lastLookedAt = null;
        while (row.next()) {
            if (query.token() != null) {
                vault.require(hashes, LookupPhase.of(row));
            }
            if (row.getLong("number") >= BUDGET) {
                lastLookedAt = new DeviceId(row.getObject("last_id", UUID.class));
            }
            if (row.getObject("id") != null) {
                DeviceId id = DeviceRow.id(row);
                if (found.size() == query.limit()) {
                    return new Page<>(found, found.getLast().id());
                }
                found.add(DeviceRow.read(row, vault.open(row.getBytes("token_cipher"), id)));
            }
        }
        return new Page<>(found, lastLookedAt);
    }

    /** Rows of an id and whether it counts, of which the first are looked at. */
    private String drivingQuery() {
        UUID after = query.after() == null ? BEFORE_ALL : query.after().value();
        if (query.token() != null) {
            driving.add(hashes.of(query.token()));
            driving.add(after);
            // Two conditions, because two partial indexes hold one half each.
            return """
                    select d.id, true as hit from device d
                     where d.token_hash = ? and (d.status = 'ACTIVE' or d.status <> 'ACTIVE') and d.id > ?""";
        }
        if (query.customer() != null) {
            driving.add(query.customer().value());
            driving.add(after);
            return "select d.id, true as hit from device d where d.customer_id = ? and d.id > ?";
        }
        if (query.sync() != null) {
            driving.add(query.sync().provider().value());
            driving.add(query.sync().state().name());
            driving.add(after);
            // Nearly all are synced, so no index holds these: the next ones are looked at.
            return query.sync().state() == SyncState.SYNCED ? """
                      select s.device_id as id, s.provider = ? and s.state = ? as hit from device_sync s
                       where s.device_id > ?""" : """
                      select s.device_id as id, true as hit from device_sync s
                       where s.provider = ? and s.state = ? and s.state <> 'SYNCED' and s.device_id > ?""";
        }
        driving.add(after);
        return "select d.id, true as hit from device d where d.id > ?";
    }

    private String narrowingConditions() {
        StringBuilder conditions = new StringBuilder();
        if (query.statuses().size() < DeviceStatus.values().length) {
            conditions.append(" and d.status = any (string_to_array(?, ','))");
            narrowing.add(String.join(
                    ",", query.statuses().stream().map(DeviceStatus::name).toList()));
        }
        narrow(
                conditions,
                "d.device_type = ?",
                query.type() == null ? null : query.type().value());
        narrow(conditions, "d.last_seen_at < ?", time(query.seenBefore()));
        narrow(conditions, "d.last_seen_at > ?", time(query.seenAfter()));
        if (query.token() != null) {
            narrow(
                    conditions,
                    "d.customer_id = ?",
                    query.customer() == null ? null : query.customer().value());
        }
        if (query.sync() != null && (query.token() != null || query.customer() != null)) {
            conditions.append(" and exists ").append("""
                    (select from device_sync s where s.device_id = d.id and s.provider = ? and s.state = ?)""");
            narrowing.add(query.sync().provider().value());
            narrowing.add(query.sync().state().name());
        }
        return conditions.toString();
    }

    private void narrow(StringBuilder conditions, String condition, @Nullable Object argument) {
        if (argument != null) {
            conditions.append(" and ").append(condition);
            narrowing.add(argument);
        }
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
