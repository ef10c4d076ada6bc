package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is refused is refused in one form, and nothing of it is stored. */
class ProblemsIT {
    private static final String DEVICES = "/v1/customers/refused/devices";

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

    @ParameterizedTest
    @ValueSource(strings = {DEVICES, DEVICES + "/018c7737-0ab2-78f7-ba75-1710dd8fe631/sync"})
    void without_a_key_or_with_a_wrong_one_there_is_nothing(String path) throws Exception {
        assertProblem(registry.send(registry.request(path)), 401, "UNAUTHENTICATED");
        assertProblem(registry.send(registry.request(path).header("X-Authorization", "wrong")), 401, "UNAUTHENTICATED");
        assertProblem(
                registry.send(registry.request(path).header("Authorization", "Bearer wrong")), 401, "UNAUTHENTICATED");
    }

    @Test
    void a_registration_without_a_key_is_not_even_read() throws Exception {
        assertProblem(
                registry.send(registry.request(DEVICES)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{"))),
                401,
                "UNAUTHENTICATED");
    }

    @Test
    void the_key_may_be_a_bearer_token() throws Exception {
        assertThat(registry.send(registry.request(DEVICES).header("Authorization", "bearer " + Deployment.API_KEY))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nowhere", "/v1/nowhere"})
    void an_unknown_path_is_not_found(String path) throws Exception {
        assertProblem(registry.get(path), 404, "NOT_FOUND");
    }

    @Test
    void a_method_or_media_type_that_is_not_offered_is_refused() throws Exception {
        assertProblem(
                registry.send(registry.request(DEVICES)
                        .header("X-Authorization", Deployment.API_KEY)
                        .PUT(BodyPublishers.ofString("{}"))),
                405,
                "METHOD_NOT_ALLOWED");
        assertProblem(
                registry.send(registry.request(DEVICES)
                        .header("X-Authorization", Deployment.API_KEY)
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString("{}"))),
                415,
                "UNSUPPORTED_MEDIA_TYPE");
        assertProblem(
                registry.send(registry.request(DEVICES)
                        .header("X-Authorization", Deployment.API_KEY)
                        .header("Accept", "text/html")),
                406,
                "NOT_ACCEPTABLE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "nonsense-with-a-secret",
                "{\"devices\":[]} {}",
                "{\"devices\":[],\"devices\":[]}",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
            })
    void a_body_that_is_not_one_json_document_is_malformed(String body) throws Exception {
        Answer answer = registry.post(DEVICES, body);

        assertProblem(answer, 400, "MALFORMED_REQUEST");
        assertThat(answer.body()).doesNotContain("secret");
    }

    @Test
    void a_body_of_more_than_four_mebibytes_is_too_large() throws Exception {
        assertProblem(registry.post(DEVICES, " ".repeat(4 * 1024 * 1024 + 1)), 413, "BODY_TOO_LARGE");
    }

    @Test
    void nothing_that_follows_an_unread_body_on_its_connection_is_taken_for_a_request() throws Exception {
        try (Socket connection =
                new Socket(registry.url().getHost(), registry.url().getPort())) {
            connection.setSoTimeout(10_000);
            OutputStream out = connection.getOutputStream();
            out.write(("POST " + DEVICES + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            + "X-Authorization: " + Deployment.API_KEY + "\r\nContent-Length: 20000000\r\n\r\n"
                            + " ".repeat(5 * 1024 * 1024))
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();

            // To its end: the service closes the connection.
            String answers = new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answers)
                    .startsWith("HTTP/1.1 413 ")
                    .contains("BODY_TOO_LARGE")
                    .containsOnlyOnce("HTTP/1.1");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]                       | ''",
                "null                     | ''",
                "{}                       | /devices",
                "{\"devices\":null}       | /devices",
                "{\"devices\":{}}         | /devices",
                "{\"devices\":[]}         | /devices",
                "{\"devices\":[7]}        | /devices/0",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"t\"}],\"device\":1} | /device",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"t\",\"a/b~c\":1}]} | /devices/0/a~1b~0c",
                "{\"devices\":[{\"device_type\":\"toaster\",\"device_token\":\"t\"}]} | /devices/0/device_type",
                "{\"devices\":[{\"device_type\":null,\"device_token\":\"t\"}]} | /devices/0/device_type",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"\"}]} | /devices/0/device_token",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"a\\u0000b\"}]} | /devices/0/device_token",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"\\ud800\"}]} | /devices/0/device_token",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"t\",\"metadata\":7}]} | /devices/0/metadata",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"t\",\"metadata\":{\"locale\":\"\"}}]} | /devices/0/metadata/locale",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"t\",\"metadata\":{\"extra\":{\"a\":1}}}]} | /devices/0/metadata/extra/a"
            })
    void a_fault_is_named_by_its_pointer(String body, String pointer) throws Exception {
        assertThat(faults(registry.post(DEVICES, body))).containsExactly(pointer);
        assertThat(registry.list("refused").json().path("devices")).isEmpty();
    }

    @Test
    void all_faults_of_a_request_are_told_at_once_and_nothing_is_stored() throws Exception {
        Answer answer = registry.post("/v1/customers/a%20b/devices", """
                {"devices":[{"device_type":"ios","device_token":"fine"},
                            {"device_type":"toaster","device_token":" secret"},
                            {"device_token":3},
                            {"device_type":"android","device_token":"fine"}],
                 "dry_run":true}""");

        assertThat(faults(answer))
                .containsExactlyInAnyOrder(
                        "customer_id",
                        "/dry_run",
                        "/devices/1/device_type",
                        "/devices/1/device_token",
                        "/devices/2/device_type",
                        "/devices/2/device_token",
                        "/devices/3/device_type");
        assertThat(answer.body()).doesNotContain("secret").doesNotContain("fine");
    }

    @Test
    void more_devices_than_a_request_may_carry_are_refused() throws Exception {
        String devices = IntStream.rangeClosed(0, 100)
                .mapToObj("{\"device_type\":\"ios\",\"device_token\":\"t%d\"}"::formatted)
                .collect(Collectors.joining(","));

        assertThat(faults(registry.post(DEVICES, "{\"devices\":[" + devices + "]}")))
                .containsExactly("/devices");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%20b", "%00", "..%2F", "a%2Fb", "%C3%A4", "bulk", "bulk-update"})
    void a_customer_id_of_another_form_is_named_as_parameter(String customer) throws Exception {
        assertThat(faults(registry.list(customer))).containsExactly("customer_id");
        assertThat(faults(registry.list("x".repeat(5_000)))).containsExactly("customer_id");
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice;bob", "alice;x=y", "alice;", "..;"})
    void what_follows_a_semicolon_is_not_cut_off_to_make_another_customer(String customer) throws Exception {
        assertThat(faults(registry.register(customer, "ios", "bobs-token"))).containsExactly("path");
        assertThat(registry.list("alice").json().path("devices")).isEmpty();
    }

    @Test
    void a_device_id_is_a_uuid_and_must_be_this_customers() throws Exception {
        assertThat(faults(registry.get(DEVICES + "/7/sync"))).containsExactly("device_id");
        assertProblem(registry.get(DEVICES + "/018c7737-0ab2-78f7-ba75-1710dd8fe631/sync"), 404, "DEVICE_NOT_FOUND");
        String others = registry.register("another", "ios", "anothers-token")
                .json()
                .at("/devices/0/device_id")
                .asText();
        assertProblem(registry.get(DEVICES + "/" + others + "/sync"), 404, "DEVICE_NOT_FOUND");
    }
}
