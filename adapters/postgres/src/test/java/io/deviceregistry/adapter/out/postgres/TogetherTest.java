package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TogetherTest {
    private static final String POISON = "poison";

    private final List<List<String>> done = new CopyOnWriteArrayList<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private final Together<String> together = new Together<>(1, this::work);

    @AfterEach
    void end() {
        goesOn.countDown();
    }

    private void work(List<String> items) {
        if (items.contains("first")) {
            begun.countDown();
            awaitPermission();
        }
        if (items.contains(POISON)) {
            throw new IllegalStateException(POISON);
        }
        done.add(items);
    }

    private void awaitPermission() {
        try {
            if (!goesOn.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("Nobody let it go on");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private FutureTask<?> wish(String item) {
        return new FutureTask<>(() -> together.run(List.of(item)), null);
    }

    /** Of items that are wanted while another one is worked on. */
    private List<FutureTask<?>> wishes(String... items) throws Exception {
        Thread.ofVirtual().start(wish("first"));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        List<FutureTask<?>> wishes = new ArrayList<>();
        for (String item : items) {
            FutureTask<?> wish = wish(item);
            Thread thread = Thread.ofVirtual().start(wish);
            await().until(() -> thread.getState() == Thread.State.WAITING);
            wishes.add(wish);
        }
        goesOn.countDown();
        return wishes;
    }

    @Test
    void what_comes_while_another_is_worked_on_is_done_at_once() throws Exception {
        for (FutureTask<?> wish : wishes("a", "b", "c")) {
            wish.get(10, TimeUnit.SECONDS);
        }

        assertThat(done).containsExactly(List.of("first"), List.of("a", "b", "c"));
    }

    @Test
    void one_that_fails_fails_alone() throws Exception {
        List<FutureTask<?>> wishes = wishes("a", POISON, "c");

        wishes.get(0).get(10, TimeUnit.SECONDS);
        assertThatThrownBy(() -> wishes.get(1).get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage(POISON);
        wishes.get(2).get(10, TimeUnit.SECONDS);
        assertThat(done).containsExactlyInAnyOrder(List.of("first"), List.of("a"), List.of("c"));
    }

    @Test
    void alone_it_is_tried_once() {
        List<String> tried = new ArrayList<>();
        Together<String> failing = new Together<>(1, items -> {
            tried.addAll(items);
            throw new IllegalStateException(POISON);
        });

        assertThatThrownBy(() -> failing.run(List.of("only"))).hasMessage(POISON);
        assertThat(tried).containsExactly("only");
    }
}
