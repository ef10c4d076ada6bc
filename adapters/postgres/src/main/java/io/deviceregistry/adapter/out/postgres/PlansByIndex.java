package io.deviceregistry.adapter.out.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How the statements of a transaction are planned that are a few probes of indexes each. While tables are small the planner
 * would rather read them whole, and a plan that is cached then stays while they grow, until autovacuum comes by and analyzes
 * them: until then each statement would read all that there is. For a few arguments it would also plan anew each time, since
 * a plan for any counts on ten of them and seems dearer; making it costs several times what it saves.
 *
 * <p>Which index is probed, and in which order tables are joined, it guesses still. A statement that must not depend on that
 * says so: by a lateral subquery with {@code offset 0} or {@code limit}, which is asked once for each row before it, and by
 * conditions in it that only one index can meet.
 */
final class PlansByIndex {
    /** A statement for the whole transaction that it is in, and so for the checks of foreign keys, too. */
    static final String SETTING = """
            select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
                   set_config('enable_mergejoin', 'off', true), set_config('enable_material', 'off', true),
                   set_config('enable_memoize', 'off', true),
                   set_config('plan_cache_mode', 'force_generic_plan', true)""";

    /** As above; and rows come in the order of an index, of which only the first are wanted, and are never sorted. */
    private static final String IN_ORDER =
            SETTING + ", set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)";

    private PlansByIndex() {}

    /** In a round trip of its own. */
    static void set(Connection transaction) throws SQLException {
        execute(transaction, SETTING);
    }

    /** In a round trip of its own. Not for a statement that has to sort: it would rather read all of an index. */
    static void setInOrder(Connection transaction) throws SQLException {
        execute(transaction, IN_ORDER);
    }

    private static void execute(Connection transaction, String setting) throws SQLException {
        try (Statement statement = transaction.createStatement()) {
            statement.execute(setting);
        }
    }
}
