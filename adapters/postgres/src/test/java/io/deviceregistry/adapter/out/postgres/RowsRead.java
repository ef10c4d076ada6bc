package io.deviceregistry.adapter.out.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * What a transaction has read of tables so far.
 *
 * @param rows of tables by scans of all of it, and entries of indexes
 * @param scans of tables
 */
record RowsRead(long rows, long scans) {
    private static final String READ = """
            select sum(pg_stat_get_xact_tuples_returned(c.oid)) as rows,
                   sum(pg_stat_get_xact_numscans(c.oid)) filter (where c.relkind = 'r') as scans
              from pg_class c left join pg_index i on i.indexrelid = c.oid
             where coalesce(i.indrelid, c.oid) = any (?::regclass[])""";

    static RowsRead in(Connection transaction, List<String> tables) throws SQLException {
        try (PreparedStatement statement = transaction.prepareStatement(READ)) {
            new Arguments(statement).texts(tables, table -> table);
            try (ResultSet sums = statement.executeQuery()) {
                sums.next();
                return new RowsRead(sums.getLong("rows"), sums.getLong("scans"));
            }
        }
    }
}
