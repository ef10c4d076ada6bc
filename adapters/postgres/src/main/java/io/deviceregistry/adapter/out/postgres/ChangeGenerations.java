package io.deviceregistry.adapter.out.postgres;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Finds out, before the process writes anything, whether the database is another one than that in which the changes were
 * noted so far: restored from a dump, or recovered to a point in time. Then a new generation of changes begins, and it is
 * noted up to where the one before is known here.
 */
@ApplicationScoped
class ChangeGenerations {
    private static final Logger LOG = System.getLogger(ChangeGenerations.class.getName());

    /** The timeline is the current one's; the control file may tell of the one before for a while after a promotion. */
    private static final String HERE = """
            select s.system_identifier, d.oid as database_oid, left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline
              from pg_control_system() s, pg_database d
             where d.datname = current_database()""";

    private static final String IS_ANOTHER_DATABASE = """
            select (h.system_identifier, h.database_oid, h.timeline)
                     is distinct from (g.system_identifier, g.database_oid, g.timeline)
              from (%s) h, (select * from change_generation order by generation desc limit 1) g""".formatted(HERE);

    /**
     * Waits for whoever is noting changes, and makes them wait who want to: after this, nothing is added to the generation
     * before. Only one process can have it.
     */
    private static final String LOCK = "lock table device_change in share row exclusive mode";

    private static final String BEGIN = """
            insert into change_generation
                   (generation, system_identifier, database_oid, timeline, restored_to_xid, restored_to_seq)
            select g.generation + 1, h.system_identifier, h.database_oid, h.timeline, l.xid, l.seq
              from (%s) h, (select max(generation) as generation from change_generation) g
                   cross join lateral (
                     select * from (
                       (select xid, seq from device_change c where c.generation = g.generation
                         order by xid desc, seq desc limit 1)
                       union all
                       (select xid, seq from change_horizon c where c.generation = g.generation)
                       union all
                       select '0', 0) known
                     order by xid desc, seq desc limit 1) l""".formatted(HERE);

    private final Transactions transactions;

    ChangeGenerations(Transactions transactions) {
        this.transactions = transactions;
    }

    void start(@Observes @Priority(1) StartupEvent event) {
        beginIfElsewhere();
    }

    /** Any number of processes may call at once; one of them begins a generation. */
    void beginIfElsewhere() {
        boolean begun = transactions.run(connection -> {
            if (!isAnotherDatabase(connection)) {
                return false;
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute(LOCK);
                return isAnotherDatabase(connection) && statement.executeUpdate(BEGIN) > 0;
            }
        });
        if (begun) {
            LOG.log(
                    Level.WARNING,
                    "The database was restored, recovered or promoted; whoever follows the changes from a time of which it "
                            + "does not know is told so");
        }
    }

    private static boolean isAnotherDatabase(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(IS_ANOTHER_DATABASE)) {
            answer.next();
            return answer.getBoolean(1);
        }
    }
}
