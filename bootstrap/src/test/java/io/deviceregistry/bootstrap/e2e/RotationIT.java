package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static io.deviceregistry.bootstrap.e2e.RegistryClient.path;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device that gets another token, by its id or by the token it has: who must yield, and what Bunce hears of it. */
class RotationIT {
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
    private final String another = "another-" + UUID.randomUUID();
    private final String token = "token-" + UUID.randomUUID();
    private final String next = "next-" + UUID.randomUUID();

    /** The two ways to say which device is meant. */
    enum By {
        ID {
            @Override
            Answer rotate(String customer, String device, String current, String members)
                    throws IOException, InterruptedException {
                return registry.patch(path(customer, device), "{" + members + "}");
            }
        },
        TOKEN {
            @Override
            Answer rotate(String customer, String device, String current, String members)
                    throws IOException, InterruptedException {
                return registry.patch(
                        "/v1/customers/" + customer + "/devices",
                        "{\"current_device_token\":\"" + current + "\"," + members + "}");
            }
        };

        abstract Answer rotate(String customer, String device, String current, String members)
                throws IOException, InterruptedException;
    }

    private static String to(String token) {
        return "\"device_token\":\"" + token + "\"";
    }

    private static String observed(Duration ago) {
        return "\"observed_at\":\"" + Instant.now().minus(ago) + "\"";
    }

    private String registered(String customer, String token) throws IOException, InterruptedException {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "SYNCED");
        return device;
    }

    @ParameterizedTest
    @EnumSource
    void a_device_keeps_its_id_and_bunce_gets_one_update(By by) throws Exception {
        String device = registered(customer, token);

        Answer rotated = by.rotate(customer, device, token, to(next));

        assertThat(rotated.status()).isEqualTo(200);
        assertThat(rotated.header("ETag")).isEqualTo("\"2\"");
        assertThat(rotated.members(""))
                .containsExactly(
                        "device_id",
                        "customer_id",
                        "device_type",
                        "device_token",
                        "status",
                        "version",
                        "registered_at",
                        "last_seen_at",
                        "metadata");
        assertThat(rotated.text("/device_id")).isEqualTo(device);
        assertThat(rotated.text("/device_token")).isEqualTo(next);
        assertThat(rotated.text("/version")).isEqualTo("2");
        assertThat(rotated.json()).isEqualTo(registry.device(customer, device).json());
        registry.awaitSync(customer, device, "SYNCED");
        assertThat(deployment.told(customer))
                .containsExactly(customer + " + " + token, customer + " " + token + " -> " + next);
        assertThat(Deployment.json(deployment.bunceRequests(customer).getLast().body()))
                .isEqualTo(Deployment.json("""
                        {"current_device_token":"%s","device_type":"ios","device_token":"%s"}""".formatted(token, next)));
    }

    @ParameterizedTest
    @EnumSource
    void the_type_may_change_with_the_token_or_without_and_null_leaves_either_as_it_is(By by) throws Exception {
        String device = registered(customer, token);

        Answer typed = by.rotate(customer, device, token, "\"device_type\":\"Android\",\"device_token\":null");
        Answer both = by.rotate(customer, device, token, "\"device_type\":null," + to(next));

        assertThat(typed.text("/device_type")).isEqualTo("android");
        assertThat(typed.text("/device_token")).isEqualTo(token);
        assertThat(both.text("/device_type")).isEqualTo("android");
        assertThat(both.text("/device_token")).isEqualTo(next);
        assertThat(both.text("/version")).isEqualTo("3");
    }

    @ParameterizedTest
    @EnumSource
    void a_repeated_rotation_is_answered_like_the_first_and_no_news_for_bunce(By by) throws Exception {
        String device = registered(customer, token);
        Answer first = by.rotate(customer, device, token, to(next));
        registry.awaitSync(customer, device, "SYNCED");

        Answer again = by.rotate(customer, device, token, to(next));

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.header("ETag")).isEqualTo("\"2\"");
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(registry.sync(customer, device).path("state").asText()).isEqualTo("SYNCED");
        assertThat(deployment.told(customer)).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void a_token_that_is_replaced_by_itself_stays(By by) throws Exception {
        String device = registered(customer, token);
        JsonNode before = registry.device(customer, device).json();

        assertThat(by.rotate(customer, device, token, to(token)).json()).isEqualTo(before);
    }

    @Test
    void an_unknown_current_token_is_not_found_and_the_new_ones_holder_keeps_it() throws Exception {
        String theirs = registered(another, next);
        JsonNode before = registry.device(another, theirs).json();

        assertProblem(By.TOKEN.rotate(customer, "", token, to(next)), 404, "DEVICE_NOT_FOUND");

        assertThat(registry.device(another, theirs).json()).isEqualTo(before);
        assertThat(registry.list(customer).json().path("devices")).isEmpty();
    }

    @Test
    void another_customers_current_token_or_device_is_not_found_and_stays_as_it_is() throws Exception {
        String theirs = registered(another, token);
        JsonNode before = registry.device(another, theirs).json();

        for (By by : By.values()) {
            assertProblem(by.rotate(customer, theirs, token, to(next)), 404, "DEVICE_NOT_FOUND");
        }

        assertThat(registry.device(another, theirs).json()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_token_of_another_customer_is_taken_from_it_and_bunce_hears_of_the_loss_first(By by) throws Exception {
        String mine = registered(customer, token);
        String theirs = registered(another, next);

        Answer rotated = by.rotate(customer, mine, token, to(next));

        assertThat(rotated.status()).isEqualTo(200);
        assertThat(rotated.text("/device_id")).isEqualTo(mine);
        assertThat(rotated.text("/device_token")).isEqualTo(next);
        assertThat(rotated.body()).doesNotContain(another).doesNotContain(theirs);
        Answer lost = registry.device(another, theirs);
        assertThat(lost.text("/status_reason")).isEqualTo("TRANSFERRED");
        assertThat(lost.json().path("device_token").isNull()).isTrue();
        registry.awaitSync(customer, mine, "SYNCED");
        assertThat(deployment.told(customer, another))
                .containsExactly(
                        customer + " + " + token,
                        another + " + " + next,
                        another + " " + next + " -> retired:" + theirs,
                        customer + " " + token + " -> " + next);
    }

    @ParameterizedTest
    @EnumSource
    void the_token_of_another_device_of_the_customer_takes_that_devices_place_and_bunce_hears_of_its_end_first(By by)
            throws Exception {
        String device = registered(customer, token);
        String replaced = registered(customer, next);

        Answer rotated = by.rotate(customer, device, token, to(next));

        assertThat(rotated.status()).isEqualTo(200);
        assertThat(rotated.text("/device_id")).isEqualTo(device);
        Answer gone = registry.device(customer, replaced);
        assertThat(gone.text("/status")).isEqualTo("REMOVED");
        assertThat(gone.text("/status_reason")).isEqualTo("REPLACED");
        assertThat(gone.json().path("device_token").isNull()).isTrue();
        registry.awaitSync(customer, device, "SYNCED");
        registry.awaitSync(customer, replaced, "SYNCED");
        assertThat(deployment.told(customer))
                .containsExactly(
                        customer + " + " + token,
                        customer + " + " + next,
                        customer + " " + next + " -> retired:" + replaced,
                        customer + " " + token + " -> " + next);
    }

    @Test
    void a_device_that_was_replaced_has_given_up_its_token_for_good() throws Exception {
        String device = registered(customer, token);
        String replaced = registered(customer, next);
        By.ID.rotate(customer, device, token, to(next));

        Answer registeredAgain = registry.register(customer, "ios", next);
        Answer formerToken = registry.register(customer, "ios", token);

        assertThat(registeredAgain.status()).isEqualTo(200);
        assertThat(registeredAgain.deviceId()).isEqualTo(device);
        assertThat(formerToken.status()).isEqualTo(201);
        assertThat(formerToken.deviceId()).isNotIn(device, replaced);
    }

    @Test
    void a_removed_device_cannot_be_changed_by_id_and_is_not_found_by_its_token() throws Exception {
        String device = registered(customer, token);
        String theirs = registered(another, next);
        registry.delete(path(customer, device));
        JsonNode before = registry.device(customer, device).json();

        Answer byId = By.ID.rotate(customer, device, token, to(next));
        Answer byToken = By.TOKEN.rotate(customer, device, token, to(next));

        assertProblem(byId, 409, "DEVICE_REMOVED");
        assertProblem(byToken, 404, "DEVICE_NOT_FOUND");
        assertThat(registry.device(customer, device).json()).isEqualTo(before);
        assertThat(registry.device(another, theirs).text("/status")).isEqualTo("ACTIVE");
    }

    @ParameterizedTest
    @EnumSource
    void a_new_token_revives_a_device_that_was_found_dead(By by) throws Exception {
        String device = registry.post(
                        "/v1/customers/" + customer + "/devices",
                        "{\"devices\":[{\"device_type\":\"ios\",%s,%s}]}"
                                .formatted(to(token), observed(Duration.ofMinutes(2))))
                .deviceId();
        registry.post("/v1/devices:report-invalid", "{\"reports\":[{" + to(token) + "}]}");
        assertThat(registry.device(customer, device).text("/status")).isEqualTo("INVALID");

        Answer rotated = by.rotate(customer, device, token, to(next));

        assertThat(rotated.status()).isEqualTo(200);
        assertThat(rotated.text("/status")).isEqualTo("ACTIVE");
        assertThat(rotated.text("/device_token")).isEqualTo(next);
        assertThat(rotated.members("")).doesNotContain("status_reason");
    }

    @ParameterizedTest
    @EnumSource
    void a_late_rotation_to_a_token_that_someone_took_since_loses_the_device_and_takes_nothing(By by) throws Exception {
        Instant before = Instant.now().minus(Duration.ofMinutes(30));
        String mine = registry.post(
                        "/v1/customers/" + customer + "/devices",
                        "{\"devices\":[{\"device_type\":\"ios\",%s,\"observed_at\":\"%s\"}]}"
                                .formatted(to(token), before))
                .deviceId();
        String theirs = registered(another, next);
        JsonNode taken = registry.device(another, theirs).json();

        Answer late = by.rotate(customer, mine, token, to(next) + "," + observed(Duration.ofMinutes(10)));

        assertThat(late.status()).isEqualTo(200);
        assertThat(late.text("/status")).isEqualTo("REMOVED");
        assertThat(late.text("/status_reason")).isEqualTo("TRANSFERRED");
        assertThat(late.json().path("device_token").isNull()).isTrue();
        assertThat(registry.device(another, theirs).json()).isEqualTo(taken);
    }

    @Test
    void a_rotation_names_the_current_token_and_nothing_that_is_not_known_here() throws Exception {
        String device = registered(customer, token);
        String path = "/v1/customers/" + customer + "/devices";

        assertThat(faults(registry.patch(path, "{" + to(next) + "}"))).containsExactly("/current_device_token");
        assertThat(faults(registry.patch(
                        path, "{\"current_device_token\":null,\"device_token\":\" \",\"device_type\":\"sundial\"}")))
                .containsExactlyInAnyOrder("/current_device_token", "/device_token", "/device_type");
        assertThat(faults(registry.patch(
                        path, "{\"current_device_token\":\"%s\",\"token\":\"%s\"}".formatted(token, next))))
                .containsExactly("/token");
        assertThat(registry.device(customer, device).text("/version")).isEqualTo("1");
    }
}
