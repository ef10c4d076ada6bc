package io.deviceregistry.adapter.out.postgres;

import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.port.out.Changes;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ChangeKind;
import io.deviceregistry.domain.ChangesGoneException;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceChange;
import io.deviceregistry.domain.DeviceId;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code device_change} by generation, transaction and sequence, up to the oldest transaction that is still under
 * way: none with a lesser id can come after that.
 */
@ApplicationScoped
class PostgresChangeFeed implements ChangeFeed {
    /**
     * Rows come in the order of the index, merged from all partitions. Where the planner knows little it would rather read
     * and sort all that follow the position.
     */
    static final String BY_INDEX = """
            select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
                   set_config('enable_sort', 'off', true)""";

    /**
     * Where a position is. It is lost if the generation was left before it, or if no transaction has its id yet: then a
     * server took over that had not heard of it, and no process was started since.
     */
    private static final String LOCATE = """
            select g.generation,
                   coalesce((p.xid, p.seq) > (n.restored_to_xid, n.restored_to_seq),
                            p.xid >= pg_snapshot_xmax(pg_current_snapshot())) as lost
              from (select ?::xid8 as xid, ?::bigint as seq) p,
                   change_generation g
              left join change_generation n on n.generation = g.generation + 1
             where g.id = ?""";

    /**
     * The horizon is read in the snapshot of the rows: a partition is taken away only after the horizon has moved, so
     * whoever does not find its rows finds the horizon. Without a position it begins there. There is one row without a
     * change if there is none.
     */
    static final String READ = """
            with begin as materialized (
              select coalesce(?::integer, h.generation, g.first) as generation, coalesce(?::xid8, h.xid, '0') as xid,
                     coalesce(?::bigint, h.seq, 0) as seq,
                     h.generation as h_generation, h.xid as h_xid, h.seq as h_seq, g.latest
                from (select min(generation) as first, max(generation) as latest from change_generation) g
                left join change_horizon h on true
            ), news as materialized (
              select c.*
                from device_change c
               where (c.generation, c.xid, c.seq)
                       > ((select generation from begin), (select xid from begin), (select seq from begin))
                 and (c.generation, c.xid) < ((select latest from begin), pg_snapshot_xmin(pg_current_snapshot()))
               order by c.generation, c.xid, c.seq
               limit ?
            )
            select coalesce((b.h_generation, b.h_xid, b.h_seq) > (b.generation, b.xid, b.seq), false) as dropped,
                   g.id, coalesce(n.xid, b.xid)::text as xid, coalesce(n.seq, b.seq) as seq,
                   n.kind, n.device_id, n.customer_id, n.version, n.caller, n.changed_at
              from begin b
              left join news n on true
              join change_generation g on g.generation = coalesce(n.generation, b.generation)
             order by n.generation, n.xid, n.seq""";

    /**
     * The last change that may be read. What ends later has a greater id: it was under way, or had not begun. A position
     * that has nothing behind it remains valid when the database is restored elsewhere; one between this and the next
     * change might not.
     */
    private static final String END = """
            select g.id, p.xid::text as xid, p.seq
              from (
                (select c.generation, c.xid, c.seq
                   from device_change c
                  where (c.generation, c.xid)
                          < ((select max(generation) from change_generation), pg_snapshot_xmin(pg_current_snapshot()))
                  order by c.generation desc, c.xid desc, c.seq desc
                  limit 1)
                union all
                (select generation, xid, seq from change_horizon)
                union all
                (select max(generation), '0', 0 from change_generation)) p
              join change_generation g on g.generation = p.generation
             order by p.generation desc, p.xid desc, p.seq desc
             limit 1""";

    private final Transactions transactions;

    PostgresChangeFeed(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Changes changes(@Nullable ChangeCursor after, int limit) {
        return transactions.run(connection -> {
            Integer generation = after == null ? null : locate(connection, after);
            useIndex(connection);
            return read(connection, generation, after, limit);
        });
    }

    private static void useIndex(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(BY_INDEX);
        }
    }

    private static int locate(Connection connection, ChangeCursor cursor) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOCATE)) {
            new Arguments(statement)
                    .text(String.valueOf(cursor.transaction()))
                    .number(cursor.sequence())
                    .uuid(cursor.generation());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw ChangesGoneException.becauseOfAnotherOrigin();
                }
                if (row.getBoolean("lost")) {
                    throw ChangesGoneException.becauseOfARestore();
                }
                return row.getInt("generation");
            }
        }
    }

    private static Changes read(
            Connection connection, @Nullable Integer generation, @Nullable ChangeCursor after, int limit)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setObject(1, generation);
            statement.setString(2, after == null ? null : String.valueOf(after.transaction()));
            statement.setObject(3, after == null ? null : after.sequence());
            statement.setInt(4, limit);
            try (ResultSet row = statement.executeQuery()) {
                List<DeviceChange> changes = new ArrayList<>();
                row.next();
                if (row.getBoolean("dropped")) {
                    throw ChangesGoneException.becauseOfTheirAge();
                }
                ChangeCursor next;
                do {
                    next = cursor(row);
                    if (row.getString("kind") != null) {
                        changes.add(change(row));
                    }
                } while (row.next());
                return new Changes(changes, next);
            }
        }
    }

    private static ChangeCursor cursor(ResultSet row) throws SQLException {
        return new ChangeCursor(
                row.getObject("id", UUID.class), Long.parseLong(row.getString("xid")), row.getLong("seq"));
    }

    private static DeviceChange change(ResultSet row) throws SQLException {
        return new DeviceChange(
                ChangeKind.valueOf(row.getString("kind")),
                new DeviceId(row.getObject("device_id", UUID.class)),
                new CustomerId(row.getString("customer_id")),
                row.getLong("version"),
                new Caller(row.getString("caller")),
                DeviceRow.time(row, "changed_at"));
    }

    @Override
    public ChangeCursor end() {
        return transactions.run(connection -> {
            useIndex(connection);
            try (PreparedStatement statement = connection.prepareStatement(END);
                    ResultSet row = statement.executeQuery()) {
                row.next();
                return cursor(row);
            }
        });
    }
}
