package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.db.LocalPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A database that neither answers nor ends for ten seconds, as when its disk does not. */
class FrozenDatabaseIT {
    private static final Duration FROZEN = Duration.ofSeconds(10);
    private static final int CALLERS = 40;

    /** A connection is waited for five seconds, and an answer for fifteen. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    /** @param within how long it took to be answered */
    private record Registration(String token, Answer answer, Duration within) {
        boolean isAcknowledged() {
            return answer.status() == 201;
        }
    }

    @Test
    void given_a_database_frozen_for_ten_seconds_then_callers_are_told_to_repeat_and_all_goes_on_without_a_restart()
            throws Exception {
        try (LocalPostgres postgres = LocalPostgres.temporary();
                Deployment deployment = new Deployment(postgres, postgres.jdbcUrl(), null);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            RegistryClient registry = issuedKey(deployment.start());
            ConcurrentLinkedQueue<Registration> registrations = new ConcurrentLinkedQueue<>();
            AtomicBoolean done = new AtomicBoolean();
            List<Future<?>> running = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
                String name = "caller-" + caller;
                running.add(callers.submit(() -> {
                    for (int i = 0; !done.get(); i++) {
                        registrations.add(register(registry, name + "-" + i));
                    }
                    return null;
                }));
            }
            try {
                await().until(() -> acknowledged(registrations).size() > CALLERS);
                freezeForTenSeconds(postgres, registry);
                int acknowledged = acknowledged(registrations).size();
                await().atMost(LONGEST).until(() -> acknowledged(registrations).size() > acknowledged + 10 * CALLERS);
            } finally {
                done.set(true);
            }
            for (Future<?> caller : running) {
                caller.get();
            }

            assertThat(registrations).anyMatch(registration -> !registration.isAcknowledged());
            for (Registration registration : registrations) {
                assertThat(registration.within()).isLessThan(LONGEST);
                if (!registration.isAcknowledged()) {
                    ProblemAssertions.assertProblem(registration.answer(), 503, "STORE_UNAVAILABLE");
                    assertThat(registration.answer().header("Retry-After")).isEqualTo("1");
                }
            }
            await().until(() -> registry.get("/q/health/ready").status() == 200);
            for (Registration registration : acknowledged(registrations)) {
                assertThat(registry.list(registration.token()).json().path("devices"))
                        .hasSize(1);
            }
        }
    }

    private static void freezeForTenSeconds(LocalPostgres postgres, RegistryClient registry) throws Exception {
        postgres.freeze();
        long frozen = System.nanoTime();
        try {
            await().atMost(LONGEST).until(() -> System.nanoTime() - frozen > FROZEN.toNanos());
            assertThat(registry.get("/q/health/live").status()).isEqualTo(200);
        } finally {
            postgres.thaw();
        }
    }

    /** The bootstrap key is known without the database. */
    private static RegistryClient issuedKey(RegistryClient registry) throws Exception {
        Answer issued = registry.post("/v1/api-keys", """
                {"caller": "shop", "scopes": ["devices:write", "devices:read"]}""");
        return new RegistryClient(registry.url(), issued.text("/key"));
    }

    private static Registration register(RegistryClient registry, String token) throws Exception {
        long begun = System.nanoTime();
        Answer answer = registry.register(token, "ios", token);
        return new Registration(token, answer, Duration.ofNanos(System.nanoTime() - begun));
    }

    private static List<Registration> acknowledged(ConcurrentLinkedQueue<Registration> registrations) {
        return registrations.stream().filter(Registration::isAcknowledged).toList();
    }
}
