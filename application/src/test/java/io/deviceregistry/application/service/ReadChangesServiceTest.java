package io.deviceregistry.application.service;

import static io.deviceregistry.application.testing.Examples.aCustomer;
import static io.deviceregistry.application.testing.Examples.aToken;
import static io.deviceregistry.application.testing.Examples.android;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.application.port.out.ChangeCursor;
import io.deviceregistry.application.port.out.ChangeFeed;
import io.deviceregistry.application.port.out.Changes;
import io.deviceregistry.application.port.out.StoreUnavailableException;
import io.deviceregistry.application.testing.Examples;
import io.deviceregistry.application.testing.InMemoryRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadChangesServiceTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final InMemoryRegistry registry = new InMemoryRegistry(InstantSource.system());
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile boolean down;

    private final ReadChangesService service = new ReadChangesService(new ChangeFeed() {
        @Override
        public Changes changes(@Nullable ChangeCursor after, int limit) {
            looks.incrementAndGet();
            return registry.changes(after, limit);
        }

        @Override
        public ChangeCursor end() {
            questions.incrementAndGet();
            if (down) {
                throw new StoreUnavailableException(new IOException("down"));
            }
            return registry.end();
        }
    });

    private void register() {
        Examples.register(registry, aCustomer(), List.of(android(aToken())), Set.of());
    }

    @Test
    void given_changes_when_asked_with_patience_then_they_are_told_at_once() {
        register();

        assertThat(service.changes(null, 10, LONG).changes()).hasSize(1);
        assertThat(questions).hasValue(0);
    }

    @Test
    void given_none_when_asked_with_some_patience_then_the_answer_is_empty_and_its_position_stands() {
        register();
        ChangeCursor end = service.end();

        assertThat(service.changes(end, 10, Duration.ZERO)).isEqualTo(new Changes(List.of(), end));
        assertThat(service.changes(end, 10, Duration.ofMillis(500))).isEqualTo(new Changes(List.of(), end));
    }

    @Test
    void given_many_who_wait_when_something_changes_then_all_are_told_and_the_store_was_asked_for_all_at_once()
            throws Exception {
        ChangeCursor end = service.end();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Changes>> waiting = IntStream.range(0, 50)
                    .mapToObj(_ -> callers.submit(() -> service.changes(end, 10, LONG)))
                    .toList();
            // Each looks once more when the first end is known.
            await().until(() -> looks.get() >= 51 && questions.get() >= 4);
            int asked = questions.get();

            register();

            for (Future<Changes> one : waiting) {
                assertThat(one.get(20, TimeUnit.SECONDS).changes()).hasSize(1);
            }
            assertThat(questions.get() - asked).isLessThan(10);
        }
    }

    @Test
    void given_one_who_waits_when_it_ends_then_there_is_an_answer_and_nobody_waits_any_more() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Changes> waiting = callers.submit(() -> service.changes(null, 10, LONG));
            await().until(() -> questions.get() >= 2);

            service.stopWaiting();

            assertThat(waiting.get(20, TimeUnit.SECONDS).changes()).isEmpty();
            assertThat(service.changes(null, 10, LONG).changes()).isEmpty();
        }
    }

    @Test
    void given_one_who_waits_when_the_store_fails_then_that_is_told() {
        down = true;

        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> service.changes(null, 10, LONG));

        down = false;
        register();
        assertThat(service.changes(null, 10, LONG).changes()).hasSize(1);
    }
}
