package io.deviceregistry.bootstrap.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class StartedPartsTest {

    private final List<String> stopped = new CopyOnWriteArrayList<>();
    private final StartedParts parts = new StartedParts();

    @Test
    void given_two_parts_when_stopped_twice_then_each_is_stopped_once_and_the_last_first() {
        parts.start(() -> part("database"));
        parts.start(() -> part("service"));

        parts.stop();
        parts.stop();

        assertThat(stopped).containsExactly("service", "database");
    }

    @Test
    void given_a_part_that_fails_to_stop_when_stopped_then_the_others_are_stopped() {
        parts.start(() -> part("database"));
        parts.<AutoCloseable>start(() -> () -> {
            throw new IllegalStateException("on purpose");
        });

        parts.stop();

        assertThat(stopped).containsExactly("database");
    }

    @Test
    void given_a_part_that_is_being_started_when_stopped_then_it_is_stopped_once_it_has_started() throws Exception {
        CountDownLatch starting = new CountDownLatch(1);
        CountDownLatch ready = new CountDownLatch(1);
        Thread starter = Thread.startVirtualThread(() -> parts.start(() -> {
            starting.countDown();
            await(ready);
            return part("database");
        }));
        starting.await();

        Thread stopper = Thread.ofPlatform().start(parts::stop);
        Awaitility.await().until(() -> stopper.getState() == Thread.State.BLOCKED);
        ready.countDown();
        starter.join();
        stopper.join();

        assertThat(stopped).containsExactly("database");
        assertThatExceptionOfType(CannotRunException.class).isThrownBy(() -> parts.start(() -> part("service")));
    }

    private AutoCloseable part(String name) {
        return () -> stopped.add(name);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
