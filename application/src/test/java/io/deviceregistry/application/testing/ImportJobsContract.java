package io.deviceregistry.application.testing;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.ImportChunk;
import io.deviceregistry.application.port.out.ImportJobs;
import io.deviceregistry.application.port.out.ImportJobs.Result;
import io.deviceregistry.application.port.out.ImportJobs.Work;
import io.deviceregistry.application.port.out.Page;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.domain.Caller;
import io.deviceregistry.domain.CustomerId;
import io.deviceregistry.domain.DeviceMetadata;
import io.deviceregistry.domain.DeviceRegistration;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.ImportEndedException;
import io.deviceregistry.domain.ImportFailure;
import io.deviceregistry.domain.ImportId;
import io.deviceregistry.domain.ImportJob;
import io.deviceregistry.domain.ImportJob.State;
import io.deviceregistry.domain.ImportRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ImportJobs} does. */
public abstract class ImportJobsContract extends RegistryContract {
    private static final Caller BY = new Caller("importer");

    private final CustomerId customer = aCustomer();

    protected abstract ImportJobs jobs();

    /** What other tests left. */
    @BeforeEach
    void clear() {
        jobs().endSilent(Duration.ZERO);
        for (int chunks = 0; jobs().workOnNext(_ -> new Result(0, 0, List.of()), LONG); chunks++) {
            assertThat(chunks).isLessThan(1_000);
        }
        for (int turns = 0; jobs().purge(Duration.ZERO, 1_000_000) > 0; turns++) {
            assertThat(turns).isLessThan(10);
        }
    }

    private ImportId begun() {
        return jobs().begin(BY, false);
    }

    private ImportJob job(ImportId id) {
        return jobs().job(id).orElseThrow();
    }

    private ImportRow row(long line) {
        return new ImportRow(line, customer, android(aToken()));
    }

    private static ImportFailure failure(long line) {
        return new ImportFailure(line, "is no good");
    }

    private static ImportChunk chunk(ImportRow... rows) {
        return new ImportChunk(rows.length, List.of(rows), List.of());
    }

    private boolean work(Function<Work, Result> work) {
        return jobs().workOnNext(work, LONG);
    }

    private boolean store() {
        return work(
                work -> new Result(work.chunk().rows().size(), 0, work.chunk().failures()));
    }

    @Test
    void an_import_that_was_begun_receives_rows() {
        ImportId id = begun();

        ImportJob job = job(id);

        assertThat(job.state()).isEqualTo(State.RECEIVING);
        assertThat(job.by()).isEqualTo(BY);
        assertThat(job.dryRun()).isFalse();
        assertThat(job.finishedAt()).isNull();
        assertThat(List.of(job.read(), job.done(), job.stored(), job.unchanged(), job.failed()))
                .containsOnly(0L);
        assertThat(job(jobs().begin(BY, true)).dryRun()).isTrue();
        assertThat(jobs().job(new ImportId(UUID.randomUUID()))).isEmpty();
    }

    @Test
    void imports_are_listed_page_by_page_the_newest_first() {
        ImportId first = begun();
        ImportId second = begun();
        ImportId third = begun();
        Set<State> all = EnumSet.allOf(State.class);

        Page<ImportJob, ImportId> page = jobs().jobs(all, null, 2);
        ImportId begunMeanwhile = begun();
        Page<ImportJob, ImportId> rest = jobs().jobs(all, page.next(), 2);

        assertThat(page.items()).extracting(ImportJob::id).containsExactly(third, second);
        assertThat(rest.items()).extracting(ImportJob::id).startsWith(first);
        assertThat(jobs().jobs(all, null, 10).items())
                .extracting(ImportJob::id)
                .startsWith(begunMeanwhile, third, second, first);
    }

    @Test
    void imports_are_listed_by_their_state() {
        ImportId receiving = begun();
        ImportId incomplete = begun();
        jobs().end(incomplete, false);
        ImportId running = begun();
        jobs().append(running, 0, new ImportChunk(3, List.of(row(1), row(2)), List.of(failure(3))));
        jobs().end(running, true);
        ImportId finished = begun();
        jobs().end(finished, true);

        assertThat(listed(State.RECEIVING)).startsWith(receiving);
        assertThat(listed(State.INCOMPLETE)).startsWith(incomplete);
        assertThat(listed(State.RUNNING)).startsWith(running);
        assertThat(listed(State.FINISHED)).startsWith(finished);
        assertThat(listed(State.FINISHED, State.RECEIVING)).startsWith(finished, receiving);
        assertThat(jobs().jobs(EnumSet.of(State.RUNNING), null, 1).items())
                .extracting(ImportJob::read)
                .containsExactly(3L);
    }

    /** Those of other tests behind them. */
    private List<ImportId> listed(State... states) {
        return jobs().jobs(EnumSet.copyOf(List.of(states)), null, 4).items().stream()
                .map(ImportJob::id)
                .toList();
    }

    @Test
    void what_was_appended_is_worked_on_as_it_was() {
        DeviceMetadata metadata = new DeviceMetadata("app", "1", null, "de-DE", null, Map.of("plan", "gold"));
        List<ImportRow> rows = List.of(
                row(1),
                new ImportRow(2, customer, Examples.ios(aToken())),
                new ImportRow(
                        3,
                        customer,
                        new DeviceRegistration(
                                Examples.ANDROID, new DeviceToken("漢字 😀\"\\"), metadata, Examples.longAgo())),
                new ImportRow(
                        5,
                        customer,
                        new DeviceRegistration(Examples.ANDROID, aToken(), DeviceMetadata.NONE, Examples.longAgo())));
        ImportChunk chunk = new ImportChunk(5, rows, List.of(failure(4)));
        ImportId id = begun();
        jobs().append(id, 0, chunk);

        List<Work> seen = new ArrayList<>();
        boolean worked = work(work -> {
            seen.add(work);
            return new Result(3, 1, work.chunk().failures());
        });

        assertThat(worked).isTrue();
        assertThat(seen).containsExactly(new Work(id, BY, 0, chunk));
        assertThat(work(_ -> {
                    throw new AssertionError("there is nothing more");
                }))
                .isFalse();
    }

    @Test
    void an_import_tells_how_far_it_is_and_ends_with_its_last_chunk() {
        ImportId id = begun();
        jobs().append(id, 0, new ImportChunk(3, List.of(row(1), row(2)), List.of(failure(3))));
        jobs().append(id, 1, chunk(row(4)));
        assertThat(job(id)).extracting(ImportJob::read, ImportJob::done).containsExactly(4L, 0L);

        work(work -> new Result(1, 1, work.chunk().failures()));
        assertThat(job(id))
                .extracting(
                        ImportJob::state,
                        ImportJob::read,
                        ImportJob::done,
                        ImportJob::stored,
                        ImportJob::unchanged,
                        ImportJob::failed)
                .containsExactly(State.RECEIVING, 4L, 3L, 1L, 1L, 1L);

        jobs().end(id, true);
        assertThat(job(id).state()).isEqualTo(State.RUNNING);
        assertThat(job(id).finishedAt()).isNull();

        assertThat(store()).isTrue();
        assertThat(job(id).state()).isEqualTo(State.FINISHED);
        assertThat(job(id).finishedAt()).isNotNull();
        assertThat(job(id).stored()).isEqualTo(2);
        assertThat(store()).isFalse();
    }

    @Test
    void an_import_whose_chunks_are_all_done_is_finished_when_it_ends() {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1)));
        store();

        jobs().end(id, true);

        assertThat(job(id).state()).isEqualTo(State.FINISHED);
        ImportId empty = begun();
        jobs().end(empty, true);
        assertThat(job(empty).state()).isEqualTo(State.FINISHED);
    }

    @Test
    void an_import_that_broke_off_is_incomplete_and_what_arrived_is_worked_on() {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1)));

        jobs().end(id, false);
        assertThat(job(id).state()).isEqualTo(State.INCOMPLETE);
        assertThat(job(id).finishedAt()).isNull();

        store();
        assertThat(job(id).state()).isEqualTo(State.INCOMPLETE);
        assertThat(job(id).finishedAt()).isNotNull();
        assertThat(job(id).stored()).isOne();
    }

    @Test
    void an_import_that_ended_takes_no_more_and_stays_as_it_ended() {
        ImportId id = begun();
        assertThat(jobs().end(id, true)).isTrue();

        assertThatExceptionOfType(ImportEndedException.class).isThrownBy(() -> jobs().append(id, 0, chunk(row(1))));
        assertThat(jobs().end(id, false)).isFalse();

        assertThat(job(id).state()).isEqualTo(State.FINISHED);
        assertThat(job(id).read()).isZero();
    }

    @Test
    void an_import_of_which_nothing_arrives_is_ended_after_a_while() {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1)));

        assertThat(jobs().endSilent(LONG)).isZero();
        assertThat(job(id).state()).isEqualTo(State.RECEIVING);

        await().atMost(LONG).until(() -> jobs().endSilent(Duration.ofMillis(1)) == 1);
        assertThat(job(id).state()).isEqualTo(State.INCOMPLETE);
        store();
        assertThat(job(id).finishedAt()).isNotNull();
    }

    @Test
    void the_work_s_effect_is_kept_together_with_its_result() {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1)));

        work(work -> {
            registered(customer, work.chunk().rows().getFirst().device());
            return new Result(1, 0, List.of());
        });

        assertThat(devicesOf(customer)).hasSize(1);
        assertThat(job(id).stored()).isOne();
    }

    @Test
    void work_that_throws_leaves_no_effect_and_the_chunk_waits_for_another_try() {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1)));
        RuntimeException thrown = new IllegalArgumentException("on purpose");

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> work(work -> {
                    registered(customer, work.chunk().rows().getFirst().device());
                    throw thrown;
                }))
                .isSameAs(thrown);

        assertThat(devicesOf(customer)).isEmpty();
        assertThat(job(id).done()).isZero();
        assertThat(store()).as("it waits").isFalse();
    }

    @Test
    void a_chunk_that_waited_is_tried_again_and_tells_how_often_it_was() {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1)));
        for (int tries = 0; tries < 2; tries++) {
            await().until(() -> {
                try {
                    return jobs().workOnNext(
                                    _ -> {
                                        throw new IllegalArgumentException("on purpose");
                                    },
                                    Duration.ZERO);
                } catch (IllegalArgumentException e) {
                    return true;
                }
            });
        }

        List<Integer> seen = new ArrayList<>();
        await().until(() -> work(work -> {
            seen.add(work.tries());
            return new Result(1, 0, List.of());
        }));

        assertThat(seen).containsExactly(2);
    }

    /** As it is tried until it succeeds, with nothing to wait for in between. */
    private boolean tried(Function<Work, Result> work) {
        try {
            return jobs().workOnNext(work, Duration.ZERO);
        } catch (IllegalArgumentException | StoreUnavailableException e) {
            return true;
        }
    }

    @Test
    void the_rows_of_a_chunk_whose_work_threw_are_tried_again_one_by_one() {
        ImportId id = begun();
        jobs().append(id, 0, new ImportChunk(4, List.of(row(1), row(2), row(4)), List.of(failure(3))));
        jobs().append(id, 1, chunk(row(5)));
        jobs().end(id, true);
        List<Work> seen = new ArrayList<>();

        await().until(
                        () -> tried(work -> {
                            seen.add(work);
                            List<ImportRow> rows = work.chunk().rows();
                            rows.forEach(row -> registered(customer, row.device()));
                            if (work.tries() < 2 && rows.stream().anyMatch(row -> row.line() == 2)) {
                                throw new IllegalArgumentException("on purpose");
                            }
                            return new Result(rows.size(), 0, work.chunk().failures());
                        }),
                        worked -> !worked && job(id).finishedAt() != null);

        assertThat(seen.getFirst().chunk().rows()).hasSize(3);
        assertThat(seen.stream().skip(1))
                .allSatisfy(work -> assertThat(work.chunk().rows()).hasSize(1));
        assertThat(seen.stream()
                        .filter(work -> work.chunk().rows().getFirst().line() == 2)
                        .map(Work::tries))
                .containsExactly(1, 2);
        assertThat(job(id))
                .extracting(ImportJob::state, ImportJob::read, ImportJob::done, ImportJob::stored, ImportJob::failed)
                .containsExactly(State.FINISHED, 5L, 5L, 4L, 1L);
        assertThat(jobs().failures(id, null, 10).items()).containsExactly(failure(3));
        assertThat(devicesOf(customer)).hasSize(4);
    }

    @Test
    void an_import_that_ends_while_rows_are_tried_one_by_one_finishes_with_the_last_of_them() {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1), row(2), row(3)));
        assertThat(tried(_ -> {
                    throw new IllegalArgumentException("on purpose");
                }))
                .isTrue();
        await().until(this::store);

        jobs().end(id, true);
        assertThat(job(id).state()).isEqualTo(State.RUNNING);
        await().until(this::store);
        assertThat(job(id).state()).isEqualTo(State.RUNNING);
        await().until(this::store);

        assertThat(job(id)).extracting(ImportJob::state, ImportJob::stored).containsExactly(State.FINISHED, 3L);
    }

    @Test
    void a_chunk_for_which_the_store_was_not_there_waits_as_it_is_and_no_try_is_counted() {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1), row(2)));
        StoreUnavailableException thrown = new StoreUnavailableException(new IllegalStateException("on purpose"));

        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> work(_ -> {
                    throw thrown;
                }));
        assertThat(store()).as("it waits").isFalse();

        ImportId other = begun();
        jobs().append(other, 0, chunk(row(1), row(2)));
        assertThat(tried(_ -> {
                    throw thrown;
                }))
                .isTrue();
        List<Work> seen = new ArrayList<>();
        await().until(() -> tried(work -> {
            seen.add(work);
            return new Result(2, 0, List.of());
        }));
        assertThat(seen).singleElement().satisfies(work -> {
            assertThat(work.tries()).isZero();
            assertThat(work.chunk().rows()).hasSize(2);
        });
    }

    @Test
    void chunks_are_worked_on_in_the_order_of_their_file_and_those_of_a_small_file_soon() {
        ImportId large = begun();
        LongStream.range(0, 5).forEach(number -> jobs().append(large, number, chunk(row(number + 1))));
        jobs().end(large, true);
        store();
        ImportId small = begun();
        jobs().append(small, 0, chunk(row(1)));
        List<ImportId> order = new ArrayList<>();
        List<Long> lines = new ArrayList<>();

        while (work(work -> {
            order.add(work.job());
            lines.add(work.chunk().rows().getFirst().line());
            return new Result(1, 0, List.of());
        })) {
            assertThat(order).hasSizeLessThan(10);
        }

        assertThat(order).startsWith(small);
        assertThat(lines).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void while_one_works_on_a_chunk_nobody_else_does() throws Exception {
        ImportId id = begun();
        jobs().append(id, 0, chunk(row(1)));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Boolean> first = thread.submit(() -> work(_ -> {
                begun.countDown();
                awaited(finish);
                return new Result(1, 0, List.of());
            }));
            assertThat(awaited(begun)).isTrue();

            assertThat(store()).isFalse();

            finish.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(job(id).stored()).isOne();
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void of_many_workers_each_chunk_has_one_and_the_last_finishes_the_import() {
        int chunks = 40;
        ImportId id = begun();
        LongStream.range(0, chunks).forEach(number -> jobs().append(id, number, chunk(row(number + 1))));
        jobs().end(id, true);
        Queue<Long> lines = new ConcurrentLinkedQueue<>();

        Crowd.atOnce(
                chunks,
                _ -> work(work -> {
                    ImportRow row = work.chunk().rows().getFirst();
                    lines.add(row.line());
                    registered(customer, row.device());
                    return new Result(1, 0, List.of());
                }));
        while (store()) {
            assertThat(lines).hasSizeLessThanOrEqualTo(chunks);
        }

        assertThat(lines).doesNotHaveDuplicates();
        assertThat(devicesOf(customer)).hasSize(lines.size());
        assertThat(job(id)).extracting(ImportJob::state, ImportJob::stored).containsExactly(State.FINISHED, 40L);
    }

    @Test
    void an_import_that_is_ended_while_its_last_chunks_are_worked_on_is_finished() {
        for (int i = 0; i < 20; i++) {
            ImportId id = begun();
            jobs().append(id, 0, chunk(row(1)));
            jobs().append(id, 1, chunk(row(2)));

            Crowd.atOnce(3, one -> {
                if (one == 0) {
                    jobs().end(id, true);
                } else {
                    store();
                }
                return one;
            });
            while (store()) {
                assertThat(job(id).state()).isEqualTo(State.RUNNING);
            }

            assertThat(job(id).state()).isEqualTo(State.FINISHED);
        }
    }

    @Test
    void failures_are_listed_by_their_lines_page_by_page() {
        ImportId id = begun();
        jobs().append(id, 0, new ImportChunk(2, List.of(), List.of(failure(3), failure(1))));
        jobs().append(id, 1, new ImportChunk(1, List.of(), List.of(new ImportFailure(2, "漢字 😀 '"))));
        ImportId other = begun();
        jobs().append(other, 0, new ImportChunk(1, List.of(), List.of(failure(9))));
        while (store()) {
            assertThat(job(id).failed()).isPositive();
        }

        Page<ImportFailure, Long> first = jobs().failures(id, null, 2);
        Page<ImportFailure, Long> second = jobs().failures(id, first.next(), 2);

        assertThat(first.items()).containsExactly(failure(1), new ImportFailure(2, "漢字 😀 '"));
        assertThat(first.next()).isEqualTo(2);
        assertThat(second.items()).containsExactly(failure(3));
        assertThat(second.next()).isNull();
    }

    @Test
    void no_more_failures_are_kept_than_may_be_and_all_are_counted() {
        ImportId id = begun();
        int half = ImportJobs.MAX_FAILURES / 2 + 10;
        for (int chunk = 0; chunk < 2; chunk++) {
            int first = chunk * half + 1;
            List<ImportFailure> failures = IntStream.range(first, first + half)
                    .mapToObj(ImportJobsContract::failure)
                    .toList();
            jobs().append(id, chunk, new ImportChunk(half, List.of(), failures));
        }
        while (store()) {
            assertThat(job(id).failed()).isPositive();
        }

        assertThat(job(id).failed()).isEqualTo(2L * half);
        assertThat(jobs().failures(id, null, 1_000_000).items()).hasSize(ImportJobs.MAX_FAILURES);
    }

    @Test
    void imports_done_long_ago_are_deleted_a_limited_number_of_rows_at_a_time() {
        ImportId done = begun();
        jobs().append(done, 0, new ImportChunk(3, List.of(), List.of(failure(1), failure(2), failure(3))));
        jobs().end(done, true);
        store();
        ImportId underWay = begun();
        jobs().append(underWay, 0, chunk(row(1)));
        jobs().end(underWay, true);

        assertThat(jobs().purge(LONG, 2)).isZero();

        assertThat(jobs().purge(Duration.ZERO, 2)).isEqualTo(2);
        assertThat(jobs().failures(done, null, 10).items()).hasSize(1);
        assertThat(jobs().purge(Duration.ZERO, 10)).isEqualTo(2);
        assertThat(jobs().job(done)).isEmpty();
        assertThat(job(underWay).state()).isEqualTo(State.RUNNING);
        assertThat(jobs().purge(Duration.ZERO, 10)).isZero();
    }
}
