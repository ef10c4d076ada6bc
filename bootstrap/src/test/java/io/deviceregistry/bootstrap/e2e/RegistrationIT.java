package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import io.deviceregistry.sandbox.bunce.Behaviour;
import io.deviceregistry.sandbox.bunce.RecordedRequest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a caller to Bunce. */
class RegistrationIT {
    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment();
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private final String customer = "customer-" + UUID.randomUUID();
    private final String token = "token-" + UUID.randomUUID();

    @BeforeEach
    void bunceIsWell() {
        deployment.bunce().behave(Behaviour.normal().withRequestsPerMinute(0));
    }

    @Test
    void the_call_of_the_founding_document_reaches_bunce_in_one_request_within_two_seconds() throws Exception {
        String body = """
                {"devices":[{"device_type":"android","device_token":"874jwejfoiowef5974594"},\
                {"device_type":"ios","device_token":"112bbwe348u9839845945675464"}]}""";

        // The first call of a fresh process is no measure of the two seconds.
        registry.awaitSync(
                customer,
                registry.register(customer, "android", "first-" + token).deviceId(),
                "SYNCED");

        Answer first = registry.post("/v1/customers/0000/devices", body);

        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(
                        () -> assertThat(deployment.bunceRequests("0000")).hasSize(1));
        RecordedRequest request = deployment.bunceRequests("0000").getFirst();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.authorized()).isTrue();
        assertThat(Deployment.json(request.body())).isEqualTo(Deployment.json(body));

        assertThat(first.status()).isEqualTo(201);
        assertThat(first.json().properties()).hasSize(1);
        assertThat(first.json().path("devices")).hasSize(2).allSatisfy(device -> {
            assertThat(device.properties()).hasSize(3);
            assertThat(UUID.fromString(device.path("device_id").asText()).version())
                    .isEqualTo(7);
        });
        assertThat(first.json().at("/devices/0/device_type").asText()).isEqualTo("android");
        assertThat(first.json().at("/devices/0/device_token").asText()).isEqualTo("874jwejfoiowef5974594");
        assertThat(first.json().at("/devices/1/device_type").asText()).isEqualTo("ios");
        assertThat(first.json().at("/devices/1/device_token").asText()).isEqualTo("112bbwe348u9839845945675464");
        registry.awaitSync("0000", first.deviceId(), "SYNCED");

        Answer again = registry.post("/v1/customers/0000/devices", body);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(first.json());
        // A registration after it, delivered, shows that the repeated one had nothing to deliver.
        registry.awaitSync(customer, registry.register(customer, "ios", token).deviceId(), "SYNCED");
        assertThat(deployment.bunceRequests("0000")).hasSize(1);
    }

    @Test
    void a_registered_device_is_listed_with_all_that_is_known() throws Exception {
        Answer made = registry.post("/v1/customers/" + customer + "/devices", """
                {"devices":[{"device_type":"IOS","device_token":"%s","metadata":{"app_version":"1.2",
                 "locale":"de-DE","extra":{"plan":"gold"}}}]}""".formatted(token));

        JsonNode device = registry.list(customer).json().at("/devices/0");

        assertThat(device.path("device_id").asText()).isEqualTo(made.deviceId());
        assertThat(device.path("customer_id").asText()).isEqualTo(customer);
        assertThat(device.path("device_type").asText()).isEqualTo("ios");
        assertThat(device.path("device_token").asText()).isEqualTo(token);
        assertThat(device.path("status").asText()).isEqualTo("ACTIVE");
        assertThat(device.path("version").asInt()).isEqualTo(1);
        assertThat(device.path("registered_at").asText())
                .endsWith("Z")
                .isEqualTo(device.path("last_seen_at").asText());
        assertThat(device.path("metadata"))
                .isEqualTo(Deployment.json(
                        "{\"app_version\":\"1.2\",\"locale\":\"de-DE\",\"extra\":{\"plan\":\"gold\"}}"));
        assertThat(device.properties()).hasSize(9);
    }

    @ParameterizedTest
    @CsvSource({
        "auth0%7C5f7c, auth0|5f7c",
        "+49170, +49170",
        "%2B49171, +49171",
        "a:b@c.example, a:b@c.example",
        "~=.-_, ~=.-_",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV, 01ARZ3NDEKTSV4RRFFQ69G5FAV"
    })
    void a_customer_id_is_opaque_and_means_the_same_everywhere(String inUrl, String id) throws Exception {
        String device = registry.register(inUrl, "ios", token).deviceId();

        assertThat(registry.list(inUrl).json().at("/devices/0/customer_id").asText())
                .isEqualTo(id);
        registry.awaitSync(inUrl, device, "SYNCED");
        assertThat(deployment.bunce().requests())
                .filteredOn(request -> request.body().contains(token))
                .singleElement()
                .satisfies(request ->
                        assertThat(URI.create(request.path()).getPath()).isEqualTo("/v1/customers/" + id + "/devices"));
    }

    @Test
    void an_unknown_customer_has_an_empty_list() throws Exception {
        Answer list = registry.list(customer);

        assertThat(list.status()).isEqualTo(200);
        assertThat(list.contentType()).isEqualTo("application/json;charset=UTF-8");
        assertThat(list.body()).isEqualTo("{\"devices\":[]}");
    }

    @Test
    void one_token_twice_in_a_request_is_one_device_answered_twice() throws Exception {
        Answer answer = registry.register(customer, "ios", token, "IOS", token);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().at("/devices/0")).isEqualTo(answer.json().at("/devices/1"));
        assertThat(registry.list(customer).json().path("devices")).hasSize(1);
    }

    @Test
    void of_200_simultaneous_first_registrations_one_makes_the_device_and_all_others_find_it() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Answer> call = () -> registry.register(customer, "ios", token);
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> answer : callers.invokeAll(Collections.nCopies(200, call))) {
                answers.add(answer.get());
            }

            assertThat(answers).extracting(Answer::status).containsOnly(200, 201);
            assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
            assertThat(answers)
                    .extracting(Answer::deviceId)
                    .containsOnly(answers.getFirst().deviceId());
        }
        Answer list = registry.list(customer);
        assertThat(list.json().path("devices")).hasSize(1);
        assertThat(list.text("/devices/0/version")).isEqualTo("1");
        registry.awaitSync(customer, list.deviceId(), "SYNCED");
        assertThat(deployment.told(customer)).containsExactly(customer + " + " + token);
    }

    @Test
    void the_sync_state_tells_what_bunce_calls_the_device() throws Exception {
        String device = registry.register(customer, "android", token).deviceId();

        registry.awaitSync(customer, device, "SYNCED");

        JsonNode sync = registry.sync(customer, device);
        assertThat(sync.properties()).hasSize(8);
        assertThat(sync.path("provider").asText()).isEqualTo("bunce");
        assertThat(sync.path("remote_id").asText()).isNotEmpty().isNotEqualTo(device);
        assertThat(sync.path("attempts").asInt()).isEqualTo(1);
        assertThat(sync.path("unconfirmed_attempts").asInt()).isZero();
        assertThat(List.of(sync.path("reason"), sync.path("last_error"), sync.path("next_attempt_at")))
                .allMatch(JsonNode::isNull);
    }

    @Test
    void a_type_that_bunce_does_not_take_is_stored_and_not_sent() throws Exception {
        String device = registry.register(customer, "windows", token).deviceId();

        registry.awaitSync(customer, device, "UNSUPPORTED");

        assertThat(deployment.bunceRequests(customer)).isEmpty();
        assertThat(registry.list(customer).json().path("devices")).hasSize(1);
    }

    @Test
    void a_token_that_changes_hands_leaves_bunces_former_customer_before_it_comes_to_the_next() throws Exception {
        String next = "next-" + UUID.randomUUID();
        String before = registry.register(customer, "android", token).deviceId();
        registry.awaitSync(customer, before, "SYNCED");

        Answer taken = registry.register(next, "android", token);

        assertThat(taken.status()).isEqualTo(201);
        assertThat(taken.body()).doesNotContain(customer).doesNotContain(before);
        assertThat(registry.list(customer).json().path("devices")).isEmpty();
        registry.awaitSync(next, taken.deviceId(), "SYNCED");
        registry.awaitSync(customer, before, "SYNCED");
        RecordedRequest retired = deployment.bunceRequests(customer).getLast();
        assertThat(retired.method()).isEqualTo("PATCH");
        assertThat(Deployment.json(retired.body()).path("device_token").asText())
                .isEqualTo("retired:" + before);
        assertThat(retired.at())
                .isBeforeOrEqualTo(deployment.bunceRequests(next).getFirst().at());
    }

    @Test
    void while_bunce_is_down_registrations_succeed_and_are_delivered_by_themselves_afterwards() throws Exception {
        deployment.stopBunce();
        Answer made;
        try {
            made = registry.register(customer, "ios", token);
            assertThat(made.status()).isEqualTo(201);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(registry.sync(customer, made.deviceId())
                                    .path("reason")
                                    .asText())
                            .isEqualTo("UNREACHABLE"));
        } finally {
            deployment.startBunce();
        }

        registry.awaitSync(customer, made.deviceId(), "SYNCED");
        assertThat(deployment.bunceRequests(customer)).hasSize(1);
        assertThat(registry.sync(customer, made.deviceId())
                        .path("unconfirmed_attempts")
                        .asInt())
                .isZero();
    }

    @Test
    void a_refused_device_is_parked_with_bunces_words_and_without_the_token() throws Exception {
        deployment
                .bunce()
                .behave(Behaviour.normal()
                        .withRequestsPerMinute(0)
                        .withRefusal(new Behaviour.Refusal(null, 422, "device_token " + token + " is malformed")));

        String device = registry.register(customer, "ios", token).deviceId();

        registry.awaitSync(customer, device, "PARKED");
        assertThat(registry.sync(customer, device).path("reason").asText()).isEqualTo("REJECTED");
        assertThat(registry.sync(customer, device).path("last_error").asText())
                .isEqualTo("HTTP 422: device_token *** is malformed");
    }
}
