package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.bootstrap.local.ServiceProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several replicas are one service. */
class ReplicasIT {

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

    private static void awaitSynced(RegistryClient registry, String customer, String device) {
        // Most are by now, and a delay for each of them would add up.
        await().pollDelay(Duration.ZERO)
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(
                                registry.sync(customer, device).path("state").asText())
                        .isEqualTo("SYNCED"));
    }
}
