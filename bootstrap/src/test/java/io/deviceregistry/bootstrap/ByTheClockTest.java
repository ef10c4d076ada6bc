package io.deviceregistry.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ByTheClockTest {

    private final ByTheClock clock = new ByTheClock();
    private final List<String> done = new CopyOnWriteArrayList<>();

    @Test
    void given_a_job_under_way_when_stopped_then_it_is_waited_for_and_none_begins_any_more() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Thread.startVirtualThread(() -> clock.run(() -> {
            begun.countDown();
            uninterrupted(end);
            done.add("job");
        }));
        begun.await();

        Thread stopper = Thread.ofPlatform().start(() -> {
            clock.stop();
            done.add("stop");
        });
        await().until(() ->
                Set.of(Thread.State.WAITING, Thread.State.TERMINATED).contains(stopper.getState()));
        end.countDown();
        stopper.join();
        clock.run(() -> done.add("late"));

        assertThat(done).containsExactly("job", "stop");
    }

    @Test
    void given_an_interval_that_the_scheduler_cannot_keep_to_then_it_is_refused_by_its_key() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByTheClock.checkInterval("registry.some-interval", Duration.ofMillis(999)))
                .withMessage("registry.some-interval must be at least a second");
        assertThatCode(() -> ByTheClock.checkInterval("registry.some-interval", Duration.ofSeconds(1)))
                .doesNotThrowAnyException();
    }

    private static void uninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
