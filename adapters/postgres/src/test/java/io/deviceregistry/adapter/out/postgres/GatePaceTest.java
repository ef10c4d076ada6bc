package io.deviceregistry.adapter.out.postgres;

import static io.deviceregistry.application.testing.Examples.aProvider;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.application.port.out.ProviderGate;
import io.deviceregistry.application.port.out.ProviderGate.Permit;
import io.deviceregistry.domain.ProviderId;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many who want to send at once get nearly all that the limit allows, and never more. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class GatePaceTest {
    private static final int SENDERS = 40;
    private static final int PER_MINUTE = 1_200;
    private static final Duration TIME = Duration.ofSeconds(6);

    /** In which connections are opened and classes loaded. */
    private static final Duration WARM_UP = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** What the limit allows in a second, which is its share of any longer time. */
    private static final int PER_SECOND = PER_MINUTE / 60;

    @Inject
    ProviderGate gate;

    @Test
    void ten_replicas_with_a_backlog_use_nearly_all_of_the_limit_and_never_more() throws Exception {
        ProviderId provider = aProvider();
        ConcurrentLinkedQueue<Long> sent = new ConcurrentLinkedQueue<>();
        long start = System.nanoTime();
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                all.add(senders.submit(() -> {
                    send(provider, start, sent);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }

        List<Long> inOrder = sent.stream().sorted().toList();
        long within = inOrder.stream()
                .filter(at -> at >= WARM_UP.toNanos() && at < TIME.toNanos())
                .count();
        assertThat(within).isGreaterThanOrEqualTo((long)
                (0.95 * PER_SECOND * TIME.minus(WARM_UP).toSeconds()));
        // The same in any part of the time: a second's worth may not become two.
        for (int i = 0; i + 3 * PER_SECOND < inOrder.size(); i++) {
            assertThat(inOrder.get(i + 3 * PER_SECOND) - inOrder.get(i))
                    .isGreaterThan(Duration.ofMillis(2_900).toNanos());
        }
    }

    private void send(ProviderId provider, long start, ConcurrentLinkedQueue<Long> sent) throws InterruptedException {
        while (System.nanoTime() - start < TIME.toNanos()) {
            switch (gate.reserve(provider, PER_MINUTE, PATIENCE)) {
                case Permit.Closed(Duration retryIn) -> Thread.sleep(retryIn);
                case Permit.Granted(Duration in, boolean _) -> {
                    Thread.sleep(in);
                    sent.add(System.nanoTime() - start);
                }
            }
        }
    }
}
