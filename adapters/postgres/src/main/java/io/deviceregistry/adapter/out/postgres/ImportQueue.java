package io.deviceregistry.adapter.out.postgres;

import static java.util.Objects.requireNonNull;

import io.deviceregistry.application.port.out.ImportChunk;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.ImportJobs.Result;
import io.deviceregistry.application.port.out.ImportJobs.Work;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.ImportEndedException;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportRow;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The chunks of imports until they are stored; whoever works on one has its row locked. */
final class ImportQueue {
    /**
     * The weakest lock of the job, which nobody meets but who ends it: either that one sees the chunk, or this statement
     * sees that the import is ended.
     */
    private static final String APPEND = """
            insert into import_chunk (job_id, number, rows, cipher)
            select j.id, ?, ?, ? from import_job j where j.id = ? and j.whole is null for key share of j""";

    /** Seldom, because those who store chunks write the same row. */
    private static final String HEAR = """
            update import_job set heard_at = now() where id = ? and heard_at < now() - interval '5 seconds'""";

    /** Reads the index of the queue up to the first that nobody has, which is among the first few. */
    private static final String TAKE = """
            with next as (
              select * from import_chunk c
               where c.due_at <= now()
               order by c.number, c.job_id limit 1
                 for update skip locked
            )
            select n.job_id, n.number, n.rows, n.tries, n.cipher, j.imported_by
              from next n join import_job j on j.id = n.job_id""";

    /** Last in its transaction, since those who store chunks of one job take turns from here on. */
    private static final String DONE = """
            with gone as (
              delete from import_chunk where job_id = ? and number = ? returning job_id, rows
            ), counted as (
              update import_job j
                 set chunks_done = j.chunks_done + 1, done = j.done + g.rows,
                     stored = j.stored + ?, unchanged = j.unchanged + ?, failed = j.failed + ?,
                     finished_at = case when j.chunks_done + 1 = j.chunks then clock_timestamp() end
                from gone g
               where j.id = g.job_id
              returning j.id, j.failed
            )
            insert into import_failure (job_id, line, reason)
            select c.id, f.line, f.reason
              from counted c, unnest(?::bigint[], ?::text[]) with ordinality as f(line, reason, n)
             where c.failed - ? + f.n <= %d
            on conflict do nothing""".formatted(ImportJobs.MAX_FAILURES);

    private static final String PUT_OFF = """
            update import_chunk set tries = tries + ?, due_at = now() + ? * interval '1 microsecond'
             where job_id = ? and number = ?""";

    /** Whoever works on it anew has it locked, and puts it off himself. */
    private static final String LOCK_TO_PART = """
            select tries from import_chunk where job_id = ? and number = ? for update skip locked""";

    /** In the order in which chunks and jobs are locked when one is done. Waits for who ends the import and counts chunks. */
    private static final String LOCK_TO_COUNT = "select 1 from import_job where id = ? for no key update";

    private static final String REMOVE = "delete from import_chunk where job_id = ? and number = ?";

    private static final String ADD_PART = """
            insert into import_chunk (job_id, number, rows, cipher, tries, due_at)
            values (?, ?, ?, ?, ?, now() + ? * interval '1 microsecond')""";

    private static final String COUNT_PARTS =
            "update import_job set chunks = chunks + ? where id = ? and chunks is not null";

    private static final Logger LOG = System.getLogger(ImportQueue.class.getName());

    private final Transactions transactions;
    private final TokenVault vault;

    ImportQueue(Transactions transactions, TokenVault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    /** As {@link ImportJobs#append}. */
    void append(ImportId job, long number, ImportChunk chunk) {
        byte[] cipher = sealed(chunk, new Place(job.value(), number));
        transactions.run(connection -> {
            try (PreparedStatement append = connection.prepareStatement(APPEND);
                    PreparedStatement hear = connection.prepareStatement(HEAR)) {
                new Arguments(append)
                        .number(number)
                        .number(chunk.read())
                        .bytes(cipher)
                        .uuid(job.value());
                if (append.executeUpdate() == 0) {
                    throw new ImportEndedException(job);
                }
                new Arguments(hear).uuid(job.value());
                return hear.executeUpdate();
            }
        });
    }

    private byte[] sealed(ImportChunk chunk, Place place) {
        return vault.seal(ImportChunkJson.write(chunk), place.context());
    }

    /** As {@link ImportJobs#workOnNext}. */
    boolean workOnNext(Function<Work, Result> work, Duration retryIn) {
        Turn turn = new Turn(work);
        try {
            return transactions.runEnclosing(turn::workOnNext);
        } catch (StoreUnavailableException e) {
            // Or one chunk that is always in the way of others would keep a worker for ever.
            putOff(turn, e, taken -> putOff(taken, 0, retryIn));
            throw e;
        } catch (RuntimeException | Error e) {
            ImportChunk chunk = turn.opened;
            boolean ofSeveral = chunk != null && chunk.rows().size() > 1;
            putOff(turn, e, taken -> {
                if (ofSeveral) {
                    part(taken, requireNonNull(chunk), retryIn);
                } else {
                    putOff(taken, 1, retryIn);
                }
            });
            throw e;
        }
    }

    private static void putOff(Turn turn, Throwable cause, Consumer<Place> how) {
        try {
            if (turn.taken != null) {
                how.accept(turn.taken);
            }
        } catch (StoreUnavailableException e) {
            cause.addSuppressed(e);
        }
    }

    private record Place(UUID job, long number) {
        /** Of a row that is tried by itself: apart from those of chunks, and in the order of the file. */
        Place ofLine(long line) {
            return new Place(job, Long.MIN_VALUE + line);
        }

        byte[] context() {
            return ByteBuffer.allocate(3 * Long.BYTES)
                    .putLong(job.getMostSignificantBits())
                    .putLong(job.getLeastSignificantBits())
                    .putLong(number)
                    .array();
        }
    }

    /** At one chunk. */
    private final class Turn {
        private final Function<Work, Result> work;
        private @Nullable Place taken;
        private @Nullable ImportChunk opened;

        Turn(Function<Work, Result> work) {
            this.work = work;
        }

        boolean workOnNext(Connection connection) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(TAKE);
                    ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
                Place place = new Place(row.getObject("job_id", UUID.class), row.getLong("number"));
                taken = place;
                ImportChunk chunk = opened(row, place);
                opened = chunk;
                if (chunk == null) {
                    done(connection, place, new Result(0, 0, List.of()), row.getInt("rows"));
                    return true;
                }
                Result result = work.apply(new Work(
                        new ImportId(place.job()),
                        new Caller(row.getString("imported_by")),
                        row.getInt("tries"),
                        chunk));
                done(connection, place, result, result.failures().size());
                return true;
            }
        }
    }

    /** Null if it is given up. */
    private @Nullable ImportChunk opened(ResultSet row, Place place) throws SQLException {
        try {
            return opened(row.getBytes("cipher"), place);
        } catch (RuntimeException e) {
            if (row.getInt("tries") < ImportJobs.MAX_TRIES) {
                throw e;
            }
            LOG.log(
                    Level.ERROR,
                    row.getInt("rows") + " rows of import " + place.job() + ", which cannot be read, are given up",
                    e);
            return null;
        }
    }

    private ImportChunk opened(byte[] cipher, Place place) {
        try {
            return ImportChunkJson.read(vault.open(cipher, place.context()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "A part of an import cannot be opened with registry.token.encryption-key", e);
        }
    }

    private static void done(Connection connection, Place chunk, Result result, int failed) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DONE)) {
            new Arguments(statement)
                    .uuid(chunk.job())
                    .number(chunk.number())
                    .number(result.stored())
                    .number(result.unchanged())
                    .number(failed)
                    .numbers(result.failures(), ImportFailure::line)
                    .texts(result.failures(), ImportFailure::reason)
                    .number(failed);
            statement.executeUpdate();
        }
    }

    /** Makes a chunk of each row, the first with the failures. */
    private void part(Place place, ImportChunk chunk, Duration retryIn) {
        transactions.run(connection -> {
            try (PreparedStatement lock = connection.prepareStatement(LOCK_TO_PART)) {
                new Arguments(lock).uuid(place.job()).number(place.number());
                try (ResultSet row = lock.executeQuery()) {
                    if (row.next()) {
                        part(connection, place, chunk, row.getInt("tries") + 1, retryIn);
                    }
                    return null;
                }
            }
        });
    }

    private void part(Connection connection, Place place, ImportChunk chunk, int tries, Duration retryIn)
            throws SQLException {
        List<ImportRow> rows = chunk.rows();
        try (PreparedStatement lock = connection.prepareStatement(LOCK_TO_COUNT);
                PreparedStatement remove = connection.prepareStatement(REMOVE);
                PreparedStatement add = connection.prepareStatement(ADD_PART);
                PreparedStatement count = connection.prepareStatement(COUNT_PARTS)) {
            new Arguments(lock).uuid(place.job());
            lock.executeQuery().close();
            new Arguments(remove).uuid(place.job()).number(place.number());
            remove.executeUpdate();
            for (int i = 0; i < rows.size(); i++) {
                ImportChunk part = new ImportChunk(
                        i == 0 ? chunk.read() - rows.size() + 1 : 1,
                        List.of(rows.get(i)),
                        i == 0 ? chunk.failures() : List.of());
                Place own = place.ofLine(rows.get(i).line());
                new Arguments(add)
                        .uuid(own.job())
                        .number(own.number())
                        .number(part.read())
                        .bytes(sealed(part, own))
                        .number(tries)
                        .micros(retryIn);
                add.addBatch();
            }
            add.executeBatch();
            new Arguments(count).number(rows.size() - 1L).uuid(place.job());
            count.executeUpdate();
        }
    }

    /** @param tries that count */
    private void putOff(Place chunk, int tries, Duration retryIn) {
        transactions.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(PUT_OFF)) {
                new Arguments(statement)
                        .number(tries)
                        .micros(retryIn)
                        .uuid(chunk.job())
                        .number(chunk.number());
                return statement.executeUpdate();
            }
        });
    }
}
