package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static io.deviceregistry.bootstrap.e2e.RegistryClient.path;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The devices of one customer, listed and each by its id, with the versions by which changes do not overwrite each other. */
class CustomersDevicesIT {
    private static final String UNKNOWN = "018c7737-0ab2-78f7-ba75-1710dd8fe631";

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

    private Answer list(String query) throws IOException, InterruptedException {
        return registry.get("/v1/customers/" + customer + "/devices" + query);
    }

    private static List<String> ids(Answer list) {
        assertThat(list.status()).as(list.body()).isEqualTo(200);
        List<String> ids = new ArrayList<>();
        list.json()
                .path("devices")
                .forEach(device -> ids.add(device.path("device_id").asText()));
        return ids;
    }

    private List<String> registerSome(int number) throws IOException, InterruptedException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            ids.add(registry.register(customer, "ios", token + "-" + i).deviceId());
        }
        return ids;
    }

    @Test
    void one_device_is_shown_with_its_version_as_entity_tag() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();

        Answer shown = registry.device(customer, device);

        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.header("ETag")).isEqualTo("\"1\"");
        assertThat(shown.json()).isEqualTo(registry.list(customer).json().at("/devices/0"));
    }

    @Test
    void metadata_takes_the_place_of_what_was_known_and_bunce_is_not_told() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.awaitSync(customer, device, "SYNCED");

        Answer first = registry.patch(
                path(customer, device),
                "{\"metadata\":{\"app_id\":\"app\",\"app_version\":\"2\",\"os_version\":\"18\",\"locale\":\"de-DE\","
                        + "\"time_zone\":\"Europe/Berlin\",\"extra\":{\"plan\":\"gold\"}}}");
        Answer second = registry.patch(path(customer, device), "{\"metadata\":{\"extra\":{\"plan\":\"silver\"}}}");

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.header("ETag")).isEqualTo("\"2\"");
        assertThat(first.members("/metadata"))
                .containsExactly("app_id", "app_version", "os_version", "locale", "time_zone", "extra");
        assertThat(second.header("ETag")).isEqualTo("\"3\"");
        assertThat(second.json().path("metadata")).isEqualTo(Deployment.json("{\"extra\":{\"plan\":\"silver\"}}"));
        assertThat(second.json()).isEqualTo(registry.device(customer, device).json());
        assertThat(registry.sync(customer, device).path("state").asText()).isEqualTo("SYNCED");
    }

    @Test
    void a_change_that_says_nothing_changes_nothing() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        JsonNode before = registry.device(customer, device).json();

        Answer changed = registry.patch(
                path(customer, device),
                "{\"device_type\":null,\"device_token\":null,\"metadata\":null,\"observed_at\":null}");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).isEqualTo("\"1\"");
        assertThat(changed.json()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"\"2\" | 200", "* | 200", "\"7\", \"2\" | 200", "\"1\" | 412", "W/\"2\" | 412", "\"two\" | 412"})
    void a_change_is_made_only_if_the_device_has_the_version_that_the_caller_knows(String ifMatch, int status)
            throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.register(customer, "android", token);
        JsonNode before = registry.device(customer, device).json();

        Answer changed = registry.patch(path(customer, device), "{\"device_type\":\"ios\"}", "If-Match", ifMatch);

        Answer after = registry.device(customer, device);
        if (status == 200) {
            assertThat(changed.status()).isEqualTo(200);
            assertThat(changed.header("ETag")).isEqualTo("\"3\"").isEqualTo(after.header("ETag"));
        } else {
            assertProblem(changed, status, "PRECONDITION_FAILED");
            assertThat(after.json()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"\"2\" | 204", "* | 204", "\"1\" | 412", "W/\"2\" | 412"})
    void a_removal_is_made_only_if_the_device_has_the_version_that_the_caller_knows(String ifMatch, int status)
            throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        registry.register(customer, "android", token);

        Answer removed = registry.delete(path(customer, device), "If-Match", ifMatch);

        if (status == 204) {
            assertThat(removed.status()).isEqualTo(204);
            assertThat(registry.delete(path(customer, device), "If-Match", ifMatch)
                            .status())
                    .isEqualTo(204);
        } else {
            assertProblem(removed, status, "PRECONDITION_FAILED");
        }
        assertThat(registry.device(customer, device).text("/status")).isEqualTo(status == 204 ? "REMOVED" : "ACTIVE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "\"2", "\"2\" \"3\"", "w/\"2\"", "*, \"2\"", ""})
    void an_if_match_that_is_no_list_of_entity_tags_is_named(String ifMatch) throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();

        assertThat(faults(registry.patch(path(customer, device), "{\"device_type\":\"web\"}", "If-Match", ifMatch)))
                .containsExactly("If-Match");
        assertThat(faults(registry.delete(path(customer, device), "If-Match", ifMatch)))
                .containsExactly("If-Match");
        assertThat(registry.device(customer, device).text("/version")).isEqualTo("1");
    }

    @Test
    void several_if_match_headers_are_one_list() throws Exception {
        String device = registry.register(customer, "ios", token).deviceId();
        HttpRequest change = registry.request(path(customer, device))
                .headers("If-Match", "\"7\"", "If-Match", "\"1\"")
                .headers("X-Authorization", Deployment.API_KEY, "Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString("{\"device_type\":\"web\"}"))
                .build();

        // Not by way of the registry's client, whose validator takes several headers for several parameters.
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(http.send(change, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
        }
        assertThat(registry.device(customer, device).text("/device_type")).isEqualTo("web");
    }

    @Test
    void an_unknown_device_and_another_customers_are_alike_not_found_and_stay_as_they_are() throws Exception {
        String theirs = registry.register("another-" + customer, "ios", token).deviceId();
        JsonNode before = registry.device("another-" + customer, theirs).json();

        for (String device : List.of(UNKNOWN, theirs)) {
            assertProblem(registry.device(customer, device), 404, "DEVICE_NOT_FOUND");
            assertProblem(registry.get(path(customer, device) + "/sync"), 404, "DEVICE_NOT_FOUND");
            assertProblem(registry.patch(path(customer, device), "{\"device_type\":\"web\"}"), 404, "DEVICE_NOT_FOUND");
            assertProblem(
                    registry.patch(path(customer, device), "{\"device_type\":\"web\"}", "If-Match", "\"9\""),
                    404,
                    "DEVICE_NOT_FOUND");
            assertProblem(registry.delete(path(customer, device)), 404, "DEVICE_NOT_FOUND");
        }

        assertThat(registry.device("another-" + customer, theirs).json()).isEqualTo(before);
        // Nor has asking for them made the customer.
        assertProblem(registry.get("/v1/customers/" + customer), 404, "CUSTOMER_NOT_FOUND");
    }

    @Test
    void the_list_has_active_and_invalid_devices_or_those_of_the_statuses_that_are_asked_for() throws Exception {
        String active = registry.register(customer, "ios", token + "-active").deviceId();
        String invalid = registry.post("/v1/customers/" + customer + "/devices", """
                        {"devices":[{"device_type":"ios","device_token":"%s-invalid","observed_at":"%s"}]}""".formatted(
                                token, Instant.now().minus(Duration.ofMinutes(2))))
                .deviceId();
        registry.post("/v1/devices:report-invalid", "{\"reports\":[{\"device_token\":\"" + token + "-invalid\"}]}");
        String removed = registry.register(customer, "ios", token + "-removed").deviceId();
        registry.delete(path(customer, removed));

        assertThat(ids(list(""))).containsExactly(active, invalid);
        assertThat(ids(list("?status=ACTIVE"))).containsExactly(active);
        assertThat(ids(list("?status=INVALID"))).containsExactly(invalid);
        assertThat(ids(list("?status=REMOVED"))).containsExactly(removed);
        assertThat(ids(list("?status=REMOVED,ACTIVE"))).containsExactly(active, removed);
        assertThat(ids(list("?status=ACTIVE,INVALID,REMOVED"))).containsExactly(active, invalid, removed);
        assertThat(list("?status=REMOVED").body()).doesNotContain(token);
    }

    @Test
    void a_long_list_comes_in_pages_of_the_oldest_first() throws Exception {
        List<String> all = registerSome(7);

        Answer first = list("?limit=3");
        Answer second = list("?limit=3&cursor=" + first.text("/next_cursor"));
        Answer third = list("?limit=3&cursor=" + second.text("/next_cursor"));

        assertThat(ids(first)).isEqualTo(all.subList(0, 3));
        assertThat(ids(second)).isEqualTo(all.subList(3, 6));
        assertThat(ids(third)).isEqualTo(all.subList(6, 7));
        assertThat(third.members("")).containsExactly("devices");
        assertThat(list("?limit=7").members("")).containsExactly("devices");
        assertThat(ids(list(""))).isEqualTo(all);
    }

    @Test
    void pages_stay_right_while_devices_come_and_go_between_them() throws Exception {
        List<String> all = registerSome(6);

        Answer first = list("?limit=2");
        registry.delete(path(customer, all.get(0)));
        registry.delete(path(customer, all.get(1)));
        registry.delete(path(customer, all.get(3)));
        String added = registry.register(customer, "ios", token + "-added").deviceId();
        Answer second = list("?limit=2&cursor=" + first.text("/next_cursor"));
        Answer third = list("?limit=2&cursor=" + second.text("/next_cursor"));

        assertThat(ids(second)).containsExactly(all.get(2), all.get(4));
        assertThat(ids(third)).containsExactly(all.get(5), added);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?status=active | status",
                "?status= | status",
                "?status=ACTIVE,GONE | status",
                "?limit=0 | limit",
                "?limit=1001 | limit",
                "?limit=many | limit",
                "?limit=5&limit=6 | limit",
                "?cursor=nonsense | cursor",
                "?cursor=Y2FsaWNl | cursor",
                "?cursor= | cursor",
                "?page=2 | page"
            })
    void a_parameter_of_the_list_that_is_not_understood_is_named(String query, String parameter) throws Exception {
        assertThat(faults(list(query))).containsExactly(parameter);
    }

    @Test
    void all_that_is_wrong_with_a_change_is_told_at_once() throws Exception {
        assertThat(faults(registry.patch(
                        "/v1/customers/a%20b/devices/7",
                        "{\"device_type\":7,\"device_token\":\"\",\"metadata\":{\"app\":\"x\"},\"status\":\"ACTIVE\"}",
                        "If-Match",
                        "2")))
                .containsExactlyInAnyOrder(
                        "customer_id",
                        "device_id",
                        "If-Match",
                        "/device_type",
                        "/device_token",
                        "/metadata/app",
                        "/status");
    }
}
