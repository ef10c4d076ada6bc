package io.deviceregistry.adapter.out.postgres;

/** A part of a table from which a number is made, so that the time does not grow with the table. */
final class PageSample {
    /** They hold some ten thousand rows, which are counted in some milliseconds. */
    static final int PAGES = 1_000;

    private PageSample() {}

    /**
     * A row {@code s} whose {@code share}, in percent, is for {@code tablesample system}: of a small table all of it, else as
     * much as so many pages are.
     *
     * @param pages a number or a parameter
     */
    static String share(String table, String pages) {
        return """
                (select least(100, 100.0 * %s * current_setting('block_size')::int
                                   / greatest(pg_relation_size('%s'), 1)) as share) s""".formatted(pages, table);
    }

    /** As above, of {@link #PAGES}. */
    static String share(String table) {
        return share(table, Integer.toString(PAGES));
    }

    /**
     * A query for the {@code number} of rows that meet a condition: exact if a table has no more pages, else an estimate. It
     * reads the same pages each time, so that the number goes one way while what it is of does.
     *
     * @param row what the condition calls a row
     * @param pages a number or a parameter, which comes before those of the condition
     */
    static String count(String table, String row, String pages, String condition) {
        return """
                select coalesce(round(count(*) * 100 / max(s.share)), 0) as number
                  from %s
                       cross join lateral (
                         select from %s %s tablesample system (s.share) repeatable (0)
                          where %s) sampled""".formatted(share(table, pages), table, row, condition);
    }
}
