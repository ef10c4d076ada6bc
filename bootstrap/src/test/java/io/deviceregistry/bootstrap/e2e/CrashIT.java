package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import io.deviceregistry.sandbox.bunce.Behaviour;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What was acknowledged survives the process that acknowledged it. */
class CrashIT {
    private static final int CALLERS = 4;

    @Test
    void after_kill_9_during_a_stream_of_registrations_nothing_acknowledged_is_missing_anywhere() throws Exception {
        try (Deployment deployment =
                new Deployment().with("REGISTRY_SYNC_LEASE", "13S").with("REGISTRY_SYNC_SETTLING_DELAY", "1S")) {
            // Slow enough that calls are under way whenever the service is killed.
            deployment
                    .bunce()
                    .behave(Behaviour.normal().withRequestsPerMinute(0).withDelay(Duration.ofMillis(20)));
            RegistryClient registry = deployment.start();
            // Customer by token.
            Map<String, String> acknowledged = new ConcurrentHashMap<>();

            for (int life = 1; life <= 3; life++) {
                int enough = 50 * life;
                ServiceProcess victim = deployment.lastReplica();
                try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
                    List<Future<?>> calling = callersUntilKilled(callers, registry, acknowledged, life);
                    await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() >= enough);
                    victim.kill();
                    for (Future<?> caller : calling) {
                        caller.get();
                    }
                }
                registry = deployment.start();
            }

            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(acknowledged.entrySet())
                            .allSatisfy(one -> assertThat(deployment.bunceRequests(one.getValue()))
                                    .anySatisfy(request ->
                                            assertThat(request.body()).contains(one.getKey()))));
            assertDuplicatesAreExplained(deployment, registry, acknowledged);
        }
    }

    private static List<Future<?>> callersUntilKilled(
            ExecutorService callers, RegistryClient registry, Map<String, String> acknowledged, int life) {
        return IntStream.range(0, CALLERS)
                .<Future<?>>mapToObj(caller -> callers.submit(() -> {
                    for (int i = 0; ; i++) {
                        String customer = "c-%d-%d-%d".formatted(life, caller, i);
                        String token = "token-%d-%d-%d".formatted(life, caller, i);
                        try {
                            Answer answer = registry.register(customer, "ios", token);
                            assertThat(answer.status()).isEqualTo(201);
                        } catch (IOException killed) {
                            return null;
                        }
                        acknowledged.put(token, customer);
                    }
                }))
                .toList();
    }

    private static void awaitSynced(RegistryClient registry, String customer, String device) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(
                                registry.sync(customer, device).path("state").asText())
                        .isEqualTo("SYNCED"));
    }

    /** Bunce knows a device as often as it was sent, and all but one sending are counted as unconfirmed. */
    private static void assertDuplicatesAreExplained(
            Deployment deployment, RegistryClient registry, Map<String, String> acknowledged) throws Exception {
        for (Map.Entry<String, String> one : acknowledged.entrySet()) {
            String customer = one.getValue();
            int sent = deployment.bunceRequests(customer).size();
            JsonNode listed = registry.list(customer).json().at("/devices/0");
            assertThat(listed.path("device_token").asText()).isEqualTo(one.getKey());
            String device = listed.path("device_id").asText();
            awaitSynced(registry, customer, device);
            assertThat(registry.sync(customer, device)
                            .path("unconfirmed_attempts")
                            .asInt())
                    .isGreaterThanOrEqualTo(sent - 1);
        }
    }

    @Test
    void two_replicas_that_start_at_once_share_the_work_and_send_everything_once() throws Exception {
        try (Deployment deployment = new Deployment()) {
            ServiceProcess first = deployment.launch();
            ServiceProcess second = deployment.launch();
            List<RegistryClient> replicas = List.of(deployment.ready(first), deployment.ready(second));

            List<String> customers =
                    IntStream.range(0, 200).mapToObj("shared-%d"::formatted).toList();
            List<String> devices = new ArrayList<>();
            for (int i = 0; i < customers.size(); i++) {
                Answer answer = replicas.get(i % 2).register(customers.get(i), "ios", "shared-token-" + i);
                assertThat(answer.status()).isEqualTo(201);
                devices.add(answer.json().at("/devices/0/device_id").asText());
            }

            for (int i = 0; i < customers.size(); i++) {
                awaitSynced(replicas.getFirst(), customers.get(i), devices.get(i));
            }
            assertThat(customers)
                    .allSatisfy(customer ->
                            assertThat(deployment.bunceRequests(customer)).hasSize(1));
        }
    }
}
