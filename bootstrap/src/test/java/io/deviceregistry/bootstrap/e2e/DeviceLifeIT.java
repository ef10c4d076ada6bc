package io.deviceregistry.bootstrap.e2e;

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
import org.junit.jupiter.params.provider.CsvSource;

/** A device from its first registration to its end: whose it is, which word is the last, and what Bunce hears of it. */
class DeviceLifeIT {
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

    private static Answer register(String customer, String token, String moreMembers)
            throws IOException, InterruptedException {
        return registry.post(
                "/v1/customers/" + customer + "/devices",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"%s\",%s}]}".formatted(token, moreMembers));
    }

    private static Answer removeByToken(String customer, String body) throws IOException, InterruptedException {
        return registry.post("/v1/customers/" + customer + "/devices:remove", body);
    }

    private static JsonNode reported(String report) throws IOException, InterruptedException {
        Answer answer = registry.post("/v1/devices:report-invalid", "{\"reports\":[" + report + "]}");
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private static JsonNode result(String status) {
        return Deployment.json("{\"results\":[{\"index\":0,\"status\":\"%s\"}]}".formatted(status));
    }

    private static String observed(Duration ago) {
        return "\"observed_at\":\"" + Instant.now().minus(ago) + "\"";
    }

    private static Instant time(Answer device, String member) {
        return Instant.parse(device.text("/" + member));
    }

    @Test
    void a_registration_is_answered_with_exactly_what_the_contract_names_in_the_order_of_the_request()
            throws Exception {
        Answer made = registry.register(customer, "WINDOWS", token, "Android", "second-" + token);

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json()).isEqualTo(Deployment.json("""
                        {"devices":[{"device_id":"%s","device_type":"windows","device_token":"%s"},
                                    {"device_id":"%s","device_type":"android","device_token":"second-%s"}]}""".formatted(
                        made.text("/devices/0/device_id"), token, made.text("/devices/1/device_id"), token)));
        assertThat(made.members("/devices/0")).containsExactly("device_id", "device_type", "device_token");
        assertThat(registry.list(customer).members("/devices/0"))
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
    }

    @Test
    void the_same_token_again_is_the_same_device_seen_again_and_no_news_for_bunce() throws Exception {
        Answer made = register(customer, token, observed(Duration.ofMinutes(2)));
        registry.awaitSync(customer, made.deviceId(), "SYNCED");
        Answer before = registry.device(customer, made.deviceId());

        Answer again = registry.register(customer, "ios", token);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(made.json());
        Answer after = registry.device(customer, made.deviceId());
        assertThat(time(after, "last_seen_at"))
                .isAfter(time(before, "last_seen_at").plusSeconds(60));
        assertThat(after.text("/registered_at")).isEqualTo(before.text("/registered_at"));
        assertThat(after.text("/version")).isEqualTo("1");
        assertThat(registry.sync(customer, made.deviceId()).path("state").asText())
                .isEqualTo("SYNCED");
        assertThat(deployment.told(customer)).containsExactly(customer + " + " + token);
    }

    @Test
    void the_same_token_again_within_a_minute_changes_nothing_at_all() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        JsonNode before = registry.device(customer, device).json();

        assertThat(registry.register(customer, "ios", token).status()).isEqualTo(200);

        assertThat(registry.device(customer, device).json()).isEqualTo(before);
    }

    @Test
    void new_metadata_is_the_next_version_and_none_of_bunces_business_and_stays_if_not_mentioned() throws Exception {
        String device = register(customer, token, "\"metadata\":{\"app_version\":\"1.0\",\"locale\":\"de-DE\"}")
                .deviceId();
        registry.awaitSync(customer, device, "SYNCED");

        Answer again = register(customer, token, "\"metadata\":{\"app_version\":\"1.1\"}");
        registry.register(customer, "ios", token);

        assertThat(again.status()).isEqualTo(200);
        Answer after = registry.device(customer, device);
        assertThat(after.json().path("metadata")).isEqualTo(Deployment.json("{\"app_version\":\"1.1\"}"));
        assertThat(after.text("/version")).isEqualTo("2");
        assertThat(registry.sync(customer, device).path("state").asText()).isEqualTo("SYNCED");
    }

    @Test
    void another_type_of_the_same_token_is_the_next_version_and_news_for_bunce() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "SYNCED");

        Answer again = registry.register(customer, "android", token);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.deviceId()).isEqualTo(device);
        assertThat(registry.device(customer, device).text("/version")).isEqualTo("2");
        registry.awaitSync(customer, device, "SYNCED");
        assertThat(Deployment.json(deployment.bunceRequests(customer).getLast().body()))
                .isEqualTo(Deployment.json("""
                        {"current_device_token":"%s","device_type":"android","device_token":"%s"}""".formatted(token, token)));
    }

    @Test
    void a_removed_device_is_kept_without_its_token_and_comes_back_as_itself() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "SYNCED");

        assertThat(registry.delete(path(customer, device)).status()).isEqualTo(204);
        registry.awaitSync(customer, device, "SYNCED");
        Answer removed = registry.get("/v1/customers/" + customer + "/devices?status=REMOVED");
        Answer back = registry.register(customer, "ios", token);

        assertThat(removed.text("/devices/0/status")).isEqualTo("REMOVED");
        assertThat(removed.text("/devices/0/status_reason")).isEqualTo("DEREGISTERED");
        assertThat(removed.text("/devices/0/version")).isEqualTo("2");
        assertThat(removed.json().at("/devices/0/device_token").isNull()).isTrue();
        assertThat(removed.body()).doesNotContain(token);
        assertThat(back.status()).isEqualTo(200);
        assertThat(back.deviceId()).isEqualTo(device);
        Answer after = registry.device(customer, device);
        assertThat(after.text("/status")).isEqualTo("ACTIVE");
        assertThat(after.text("/version")).isEqualTo("3");
        assertThat(after.members("")).doesNotContain("status_reason");
        registry.awaitSync(customer, device, "SYNCED");
        assertThat(deployment.told(customer))
                .containsExactly(
                        customer + " + " + token,
                        customer + " " + token + " -> retired:" + device,
                        customer + " + " + token);
    }

    @Test
    void a_device_is_removed_by_id_or_by_token_any_number_of_times_and_bunce_is_told_once() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "SYNCED");
        String byToken = "{\"device_token\":\"" + token + "\"}";

        Answer removed = removeByToken(customer, byToken);
        registry.awaitSync(customer, device, "SYNCED");
        JsonNode before = registry.device(customer, device).json();
        Answer again = removeByToken(customer, byToken);
        Answer onceMore = registry.delete(path(customer, device));

        for (Answer answer : new Answer[] {removed, again, onceMore}) {
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.body()).isEmpty();
        }
        assertThat(registry.list(customer).json().path("devices")).isEmpty();
        assertThat(registry.device(customer, device).json()).isEqualTo(before);
        assertThat(registry.sync(customer, device).path("state").asText()).isEqualTo("SYNCED");
        assertThat(deployment.told(customer)).hasSize(2);
        assertThat(removeByToken(customer, "{\"device_token\":\"never-heard-of\"}")
                        .status())
                .isEqualTo(204);
    }

    @Test
    void a_token_that_another_customer_registers_is_that_customers_and_who_had_it_is_not_told() throws Exception {
        String lost = registry.register(customer, "ios", token).deviceId();

        Answer taken = registry.register(another, "ios", token);

        assertThat(taken.status()).isEqualTo(201);
        assertThat(taken.members("/devices/0")).containsExactly("device_id", "device_type", "device_token");
        assertThat(taken.deviceId()).isNotEqualTo(lost);
        assertThat(registry.device(another, taken.deviceId()).text("/version")).isEqualTo("1");
        Answer former = registry.device(customer, lost);
        assertThat(former.text("/status")).isEqualTo("REMOVED");
        assertThat(former.text("/status_reason")).isEqualTo("TRANSFERRED");
        assertThat(former.json().path("device_token").isNull()).isTrue();
        assertThat(former.body()).doesNotContain(another).doesNotContain(taken.deviceId());
        assertThat(registry.list(customer).json().path("devices")).isEmpty();
    }

    @Test
    void of_a_token_that_goes_there_and_back_bunce_hears_each_removal_before_the_addition() throws Exception {
        String mine = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, mine, "SYNCED");
        String theirs = registry.register(another, "ios", token).deviceId();
        registry.awaitSync(another, theirs, "SYNCED");

        Answer back = registry.register(customer, "ios", token);

        assertThat(back.status()).isEqualTo(201);
        assertThat(back.deviceId()).isEqualTo(mine);
        assertThat(registry.device(another, theirs).text("/status_reason")).isEqualTo("TRANSFERRED");
        registry.awaitSync(customer, mine, "SYNCED");
        assertThat(deployment.told(customer, another))
                .containsExactly(
                        customer + " + " + token,
                        customer + " " + token + " -> retired:" + mine,
                        another + " + " + token,
                        another + " " + token + " -> retired:" + theirs,
                        customer + " + " + token);
    }

    @Test
    void a_late_logout_cannot_remove_the_device_of_whoever_has_the_token_now() throws Exception {
        String mine = registry.register(customer, "ios", token).deviceId();
        String theirs = registry.register(another, "ios", token).deviceId();
        JsonNode before = registry.device(another, theirs).json();

        assertThat(removeByToken(customer, "{\"device_token\":\"" + token + "\"}")
                        .status())
                .isEqualTo(204);
        assertThat(registry.delete(path(customer, mine)).status()).isEqualTo(204);

        assertThat(registry.device(another, theirs).json()).isEqualTo(before);
        assertThat(registry.device(customer, mine).text("/status_reason")).isEqualTo("TRANSFERRED");
    }

    @Test
    void whatever_is_older_than_what_the_device_reflects_is_answered_and_ignored() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        JsonNode before = registry.device(customer, device).json();
        String late = observed(Duration.ofMinutes(10));

        Answer registration = register(customer, token, "\"metadata\":{\"locale\":\"fr\"}," + late);
        Answer rotation = registry.patch(
                "/v1/customers/" + customer + "/devices",
                "{\"current_device_token\":\"%s\",\"device_token\":\"new-%s\",%s}".formatted(token, token, late));
        Answer change = registry.patch(path(customer, device), "{\"device_type\":\"android\"," + late + "}");
        Answer removal = removeByToken(customer, "{\"device_token\":\"" + token + "\"," + late + "}");
        JsonNode report = reported("{\"device_token\":\"" + token + "\"," + late + "}");

        assertThat(registration.status()).isEqualTo(200);
        assertThat(registration.members("/devices/0")).containsExactly("device_id", "device_type", "device_token");
        assertThat(rotation.status()).isEqualTo(200);
        assertThat(rotation.json()).isEqualTo(before);
        assertThat(change.status()).isEqualTo(200);
        assertThat(change.json()).isEqualTo(before);
        assertThat(removal.status()).isEqualTo(204);
        assertThat(report).isEqualTo(result("ignored"));
        assertThat(registry.device(customer, device).json()).isEqualTo(before);
    }

    @Test
    void a_late_registration_of_a_removed_device_does_not_bring_it_back_and_says_so() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.delete(path(customer, device));

        Answer late = register(customer, token, observed(Duration.ofMinutes(10)));

        assertThat(late.status()).isEqualTo(200);
        assertThat(late.json()).isEqualTo(Deployment.json("""
                        {"devices":[{"device_id":"%s","device_type":"ios","device_token":"%s",
                                     "status":"REMOVED","status_reason":"DEREGISTERED"}]}""".formatted(device, token)));
        assertThat(registry.list(customer).json().path("devices")).isEmpty();
    }

    @Test
    void a_late_registration_of_a_token_that_someone_took_since_is_stored_as_transferred_and_says_so()
            throws Exception {
        String theirs = registry.register(another, "ios", token).deviceId();
        JsonNode before = registry.device(another, theirs).json();

        Answer late = register(customer, token, observed(Duration.ofMinutes(10)));

        assertThat(late.status()).isEqualTo(201);
        assertThat(late.json()).isEqualTo(Deployment.json("""
                        {"devices":[{"device_id":"%s","device_type":"ios","device_token":"%s",
                                     "status":"REMOVED","status_reason":"TRANSFERRED"}]}""".formatted(late.deviceId(), token)));
        assertThat(registry.device(customer, late.deviceId()).text("/status_reason"))
                .isEqualTo("TRANSFERRED");
        assertThat(registry.device(another, theirs).json()).isEqualTo(before);
        registry.awaitSync(another, theirs, "SYNCED");
        assertThat(deployment.told(customer, another)).containsExactly(another + " + " + token);
    }

    @Test
    void a_clock_may_be_fast_by_some_minutes_without_making_later_messages_late() throws Exception {
        String device =
                register(customer, token, observed(Duration.ofMinutes(-4))).deviceId();

        Answer shown = registry.device(customer, device);
        assertThat(shown.text("/last_seen_at")).isEqualTo(shown.text("/registered_at"));
        assertThat(removeByToken(customer, "{\"device_token\":\"" + token + "\"," + observed(Duration.ZERO) + "}")
                        .status())
                .isEqualTo(204);
        assertThat(registry.device(customer, device).text("/status")).isEqualTo("REMOVED");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST  | /v1/customers/fast/devices | {'devices':[{'device_type':'ios','device_token':'fast',AHEAD}]} | /devices/0/observed_at",
                "PATCH | /v1/customers/fast/devices | {'current_device_token':'fast','device_token':'faster',AHEAD} | /observed_at",
                "PATCH | /v1/customers/fast/devices/018c7737-0ab2-78f7-ba75-1710dd8fe631 | {AHEAD} | /observed_at",
                "POST  | /v1/customers/fast/devices:remove | {'device_token':'fast',AHEAD} | /observed_at",
                "POST  | /v1/devices:report-invalid | {'reports':[{'device_token':'fast',AHEAD}]} | /reports/0/observed_at"
            })
    void what_is_said_to_be_more_than_five_minutes_ahead_is_refused(
            String method, String path, String body, String pointer) throws Exception {
        String json = body.replace("AHEAD", observed(Duration.ofMinutes(-6))).replace('\'', '"');

        Answer answer = method.equals("POST") ? registry.post(path, json) : registry.patch(path, json);

        assertThat(faults(answer)).containsExactly(pointer);
        assertThat(registry.list("fast").json().path("devices")).isEmpty();
    }

    @Test
    void a_device_that_is_reported_dead_is_invalid_for_that_reason_until_it_is_registered_again() throws Exception {
        String device =
                register(customer, token, observed(Duration.ofMinutes(2))).deviceId();
        registry.awaitSync(customer, device, "SYNCED");

        JsonNode report = reported("{\"device_token\":\"" + token + "\",\"reason\":\"UNREGISTERED\"}");

        assertThat(report).isEqualTo(result("invalidated"));
        Answer listed = registry.list(customer);
        assertThat(listed.text("/devices/0/status")).isEqualTo("INVALID");
        assertThat(listed.text("/devices/0/status_reason")).isEqualTo("UNREGISTERED");
        assertThat(listed.text("/devices/0/device_token")).isEqualTo(token);
        assertThat(listed.text("/devices/0/version")).isEqualTo("2");
        registry.awaitSync(customer, device, "SYNCED");

        Answer back = registry.register(customer, "ios", token);

        assertThat(back.status()).isEqualTo(200);
        assertThat(back.deviceId()).isEqualTo(device);
        Answer after = registry.device(customer, device);
        assertThat(after.text("/status")).isEqualTo("ACTIVE");
        assertThat(after.text("/version")).isEqualTo("3");
        assertThat(after.members("")).doesNotContain("status_reason");
        registry.awaitSync(customer, device, "SYNCED");
        assertThat(deployment.told(customer))
                .containsExactly(
                        customer + " + " + token,
                        customer + " " + token + " -> retired:" + device,
                        customer + " + " + token);
    }

    @Test
    void a_report_is_ignored_within_a_minute_of_the_last_sign_of_life_and_says_nothing_of_an_unknown_token()
            throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();

        assertThat(reported("{\"device_token\":\"" + token + "\"}")).isEqualTo(result("ignored"));
        assertThat(registry.device(customer, device).text("/status")).isEqualTo("ACTIVE");
        registry.delete(path(customer, device));
        assertThat(reported("{\"device_token\":\"" + token + "\"}")).isEqualTo(result("unknown"));
    }
}
