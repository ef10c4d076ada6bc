package io.deviceregistry.adapter.out.postgres;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import io.deviceregistry.application.port.out.ImportChunk;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import io.deviceregistry.domain.ImportJob.State;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Imports in {@code import_job}, and what failed of them; their chunks are in {@link ImportQueue}. */
@ApplicationScoped
class PostgresImportJobs implements ImportJobs {
    private static final String BEGIN = "insert into import_job (id, imported_by, dry_run) values (?, ?, ?)";

    /** Waits for those who append at this moment, and keeps away those who are about to. */
    private static final String LOCK_TO_END = "select 1 from import_job where id = ? and whole is null for update";

    /** Chunks that are being stored count as waiting, for what that makes of their job waits for the lock. */
    private static final String END = """
            update import_job j
               set whole = ?, chunks = j.chunks_done + w.number,
                   finished_at = case when w.number = 0 then clock_timestamp() end
              from (select count(*) as number from import_chunk c where c.job_id = ?) w
             where j.id = ?""";

    private static final String SILENT = """
            select id from import_job where whole is null and heard_at < now() - ? * interval '1 microsecond'""";

    private static final String SHOW = """
            select j.*, now() as now,
                   j.done + (select coalesce(sum(c.rows), 0) from import_chunk c where c.job_id = j.id) as read
              from import_job j\s""";

    private static final String FIND = SHOW + "where j.id = ?";

    /** Reads the primary key backwards: ids ascend with time. What is passed over is few, for old imports are deleted. */
    private static final String LIST = SHOW + """
            where j.id < coalesce(?, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
              and case when j.whole is null then 'RECEIVING' when not j.whole then 'INCOMPLETE'
                       when j.finished_at is null then 'RUNNING' else 'FINISHED' end = any (?)
            order by j.id desc limit ?""";

    private static final String FAILURES =
            "select line, reason from import_failure where job_id = ? and line > ? order by line limit ?";

    private static final String OLD =
            "select j.id from import_job j where j.finished_at < now() - ? * interval '1 microsecond'";

    private static final String PURGE_FAILURES = """
            delete from import_failure where (job_id, line) in (
              select f.job_id, f.line from import_failure f where f.job_id in (%s) limit ? for update skip locked)""".formatted(OLD);

    private static final String PURGE = """
            delete from import_job where id in (
              select j.id from import_job j
               where j.id in (%s) and not exists (select from import_failure f where f.job_id = j.id)
               limit ? for update skip locked)""".formatted(OLD);

    private final Transactions transactions;
    private final ImportQueue queue;
    private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

    PostgresImportJobs(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.queue = new ImportQueue(transactions, vault);
    }

    @Override
    public ImportId begin(Caller by, boolean dryRun) {
        UUID id = ids.generate();
        transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(BEGIN)) {
                new Arguments(statement).uuid(id).text(by.name()).bool(dryRun);
                return statement.executeUpdate();
            }
        });
        return new ImportId(id);
    }

    @Override
    public void append(ImportId job, long number, ImportChunk chunk) {
        queue.append(job, number, chunk);
    }

    @Override
    public boolean end(ImportId job, boolean whole) {
        return transactions.run(connection -> {
            try (PreparedStatement lock = connection.prepareStatement(LOCK_TO_END);
                    PreparedStatement end = connection.prepareStatement(END)) {
                new Arguments(lock).uuid(job.value());
                try (ResultSet receiving = lock.executeQuery()) {
                    if (!receiving.next()) {
                        return false;
                    }
                }
                new Arguments(end).bool(whole).uuid(job.value()).uuid(job.value());
                return end.executeUpdate() > 0;
            }
        });
    }

    @Override
    public int endSilent(Duration silence) {
        List<ImportId> silent = transactions.run(connection -> {
            List<ImportId> found = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(SILENT)) {
                new Arguments(statement).micros(silence);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        found.add(new ImportId(row.getObject("id", UUID.class)));
                    }
                }
            }
            return found;
        });
        silent.forEach(job -> end(job, false));
        return silent.size();
    }

    @Override
    public Optional<ImportJob> job(ImportId id) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(FIND)) {
                new Arguments(statement).uuid(id.value());
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Optional.of(job(row)) : Optional.empty();
                }
            }
        });
    }

    @Override
    public Page<ImportJob, ImportId> jobs(Set<State> states, @Nullable ImportId before, int limit) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LIST)) {
                new Arguments(statement)
                        .uuid(before == null ? null : before.value())
                        .texts(states, State::name)
                        .number(limit + 1L);
                List<ImportJob> found = new ArrayList<>();
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        found.add(job(row));
                    }
                }
                return Page.of(found, limit, ImportJob::id);
            }
        });
    }

    private static ImportJob job(ResultSet row) throws SQLException {
        Instant finishedAt = DeviceRow.timeOrNull(row, "finished_at");
        return new ImportJob(
                new ImportId(row.getObject("id", UUID.class)),
                new Caller(row.getString("imported_by")),
                row.getBoolean("dry_run"),
                state(row.getObject("whole", Boolean.class), finishedAt),
                row.getLong("read"),
                row.getLong("done"),
                row.getLong("stored"),
                row.getLong("unchanged"),
                row.getLong("failed"),
                DeviceRow.time(row, "started_at"),
                finishedAt,
                DeviceRow.time(row, "now"));
    }

    private static State state(@Nullable Boolean whole, @Nullable Instant finishedAt) {
        if (whole == null) {
            return State.RECEIVING;
        }
        if (!whole) {
            return State.INCOMPLETE;
        }
        return finishedAt == null ? State.RUNNING : State.FINISHED;
    }

    @Override
    public Page<ImportFailure, Long> failures(ImportId id, @Nullable Long after, int limit) {
        return transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(FAILURES)) {
                new Arguments(statement)
                        .uuid(id.value())
                        .number(after == null ? 0 : after)
                        .number(limit + 1L);
                List<ImportFailure> found = new ArrayList<>();
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        found.add(new ImportFailure(row.getLong("line"), row.getString("reason")));
                    }
                }
                return Page.of(found, limit, ImportFailure::line);
            }
        });
    }

    @Override
    public boolean workOnNext(Function<Work, Result> work, Duration retryIn) {
        return queue.workOnNext(work, retryIn);
    }

    @Override
    public int purge(Duration age, int limit) {
        return transactions.run(connection -> {
            int purged = purge(connection, PURGE_FAILURES, age, limit);
            return purged + purge(connection, PURGE, age, limit - purged);
        });
    }

    private static int purge(Connection connection, String sql, Duration age, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new Arguments(statement).micros(age).number(limit);
            return statement.executeUpdate();
        }
    }
}
