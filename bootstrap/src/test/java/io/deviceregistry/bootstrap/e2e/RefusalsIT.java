package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static io.deviceregistry.bootstrap.e2e.RegistryClient.path;
import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The limits of what is accepted, and that what is refused reaches nothing. */
class RefusalsIT {
    private static final String DEVICE = "018c7737-0ab2-78f7-ba75-1710dd8fe631";
    private static final int MIB = 1024 * 1024;

    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment().with("REGISTRY_MAX_DEVICES_PER_CUSTOMER", "3");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private final String customer = "customer-" + UUID.randomUUID();
    private final String token = "token-" + UUID.randomUUID();

    private static Answer send(String method, String path, String body) throws IOException, InterruptedException {
        return registry.send(registry.request(path)
                .header("X-Authorization", Deployment.API_KEY)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        method.equals("GET") || method.equals("DELETE")
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(body)));
    }

    private static String device(String token, String... moreMembers) {
        return "{\"device_type\":\"web\",\"device_token\":\"" + token + "\""
                + Stream.of(moreMembers).map(","::concat).collect(Collectors.joining())
                + "}";
    }

    private static String devices(String... devices) {
        return "{\"devices\":[" + String.join(",", devices) + "]}";
    }

    private Answer register(String... devices) throws IOException, InterruptedException {
        return registry.post("/v1/customers/" + customer + "/devices", devices(devices));
    }

    private int active() throws IOException, InterruptedException {
        return registry.get("/v1/customers/" + customer + "/devices?status=ACTIVE")
                .json()
                .path("devices")
                .size();
    }

    /** Every call that has a body, and how many mebibytes that may be. */
    static Stream<Arguments> bodies() {
        return Stream.of(
                Arguments.of("POST", "/v1/customers/c/devices", 4),
                Arguments.of("PATCH", "/v1/customers/c/devices", 4),
                Arguments.of("POST", "/v1/customers/c/devices:remove", 4),
                Arguments.of("PATCH", "/v1/customers/c/devices/" + DEVICE, 4),
                Arguments.of("POST", "/v1/customers", 4),
                Arguments.of("PUT", "/v1/customers/c", 4),
                Arguments.of("POST", "/v1/devices:search", 4),
                Arguments.of("POST", "/v1/sync:replay", 4),
                Arguments.of("POST", "/v1/customers/bulk", 32),
                Arguments.of("PUT", "/v1/customers/bulk-update", 32),
                Arguments.of("POST", "/v1/devices:batch", 32),
                Arguments.of("POST", "/v1/devices:report-invalid", 32));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void a_body_may_be_so_large_and_not_a_byte_larger(String method, String path, int mebibytes) throws Exception {
        String padding = " ".repeat(mebibytes * MIB - 2);

        assertThat(faults(send(method, path, "7" + padding + " "))).isNotEmpty();
        assertProblem(send(method, path, "7" + padding + "  "), 413, "BODY_TOO_LARGE");
    }

    /** Of a device whose texts are of full length and made of what takes the most room in JSON without being escaped. */
    private static String largestDevice(String... moreMembers) {
        String token = "\\\"".repeat(4_096);
        String extra = IntStream.range(0, 20)
                .mapToObj(i -> "\"%c%s\":\"%s\"".formatted('一' + i, "漢".repeat(63), "漢".repeat(256)))
                .collect(Collectors.joining(","));
        String metadata = Stream.of("app_version", "os_version", "locale", "time_zone")
                .map(name -> "\"%s\":\"%s\",".formatted(name, "漢".repeat(64)))
                .collect(
                        Collectors.joining("", "\"app_id\":\"" + "漢".repeat(256) + "\",", "\"extra\":{" + extra + "}"));
        return device(
                token,
                Stream.concat(
                                Stream.of(
                                        "\"metadata\":{" + metadata + "}",
                                        "\"observed_at\":\"2026-03-01T12:00:00.123456789+00:00\""),
                                Stream.of(moreMembers))
                        .toArray(String[]::new));
    }

    @Test
    void as_many_devices_as_a_request_may_carry_may_have_texts_as_long_as_those_may_be() throws Exception {
        String[] all = Collections.nCopies(100, largestDevice()).toArray(String[]::new);

        assertThat(register(all).status()).isEqualTo(201);
        assertThat(active()).isOne();
    }

    @Test
    void as_many_items_as_a_batch_may_have_may_have_texts_as_long_as_those_may_be() throws Exception {
        String item = largestDevice("\"customer_id\":\"" + customer + "x".repeat(128 - customer.length()) + "\"");

        Answer answer = registry.post(
                "/v1/devices:batch", "{\"items\":[" + String.join(",", Collections.nCopies(1_000, item)) + "]}");

        assertThat(answer.status()).as(answer.body().substring(0, 200)).isEqualTo(200);
    }

    @Test
    void texts_may_be_as_long_as_their_limits_and_not_longer() throws Exception {
        String extra = IntStream.range(0, 20)
                .mapToObj(i -> "\"%d%s\":\"%s\"".formatted(i % 10, "k".repeat(i < 10 ? 63 : 62), "v".repeat(256)))
                .collect(Collectors.joining(","));
        String longest = device(
                "é".repeat(2_048),
                "\"metadata\":{\"app_id\":\"%s\",\"app_version\":\"%s\",\"extra\":{%s}}"
                        .formatted("a".repeat(256), "v".repeat(64), extra));
        String tooLong = device(
                "é".repeat(2_048) + "e",
                "\"metadata\":{\"app_id\":\"%s\",\"os_version\":\"%s\",\"locale\":\"%s\",\"time_zone\":\"%s\",\"extra\":{\"%s\":\"%s\"}}"
                        .formatted(
                                "a".repeat(257),
                                "o".repeat(65),
                                "l".repeat(65),
                                "t".repeat(65),
                                "k".repeat(65),
                                "v".repeat(257)));
        String tooMany = device(token, "\"metadata\":{\"extra\":{\"one_more\":\"v\",%s}}".formatted(extra));

        assertThat(register(longest).status()).isEqualTo(201);
        assertThat(faults(register(tooLong)))
                .containsExactlyInAnyOrder(
                        "/devices/0/device_token",
                        "/devices/0/metadata/app_id",
                        "/devices/0/metadata/os_version",
                        "/devices/0/metadata/locale",
                        "/devices/0/metadata/time_zone",
                        "/devices/0/metadata/extra/" + "k".repeat(65),
                        "/devices/0/metadata/extra/" + "k".repeat(65));
        assertThat(faults(register(tooMany))).containsExactly("/devices/0/metadata/extra");
        assertThat(faults(registry.put(
                        "/v1/customers/" + customer,
                        "{\"email\":\"%s@example.com\",\"first_name\":\"%s\",\"last_name\":\"%s\",\"phone_no\":\"%s\"}"
                                .formatted("e".repeat(320), "f".repeat(257), "l".repeat(257), "1".repeat(65)))))
                .containsExactlyInAnyOrder("/email", "/first_name", "/last_name", "/phone_no");
        assertThat(active()).isOne();
    }

    @Test
    void an_id_may_have_128_characters_and_not_one_more() throws Exception {
        String longest = "x".repeat(128);

        assertThat(registry.put("/v1/customers/" + longest, "{}").status()).isEqualTo(201);
        assertThat(faults(registry.put("/v1/customers/" + longest + "x", "{}"))).containsExactly("customer_id");
        assertThat(faults(registry.post("/v1/customers", "{\"customer_id\":\"" + longest + "x\"}")))
                .containsExactly("/customer_id");
    }

    @Test
    void a_body_that_is_nested_without_end_is_not_read() throws Exception {
        String deep = "{\"a\":".repeat(50_000) + "1" + "}".repeat(50_000);

        assertProblem(register(device(token, "\"metadata\":" + deep)), 400, "MALFORMED_REQUEST");
        assertThat(active()).isZero();
    }

    @Test
    void more_customers_or_devices_than_one_request_may_carry_are_refused() throws Exception {
        String customers = IntStream.rangeClosed(0, 500)
                .mapToObj(i -> "{\"customer_id\":\"%s-%d\"}".formatted(customer, i))
                .collect(Collectors.joining(",", "[", "]"));
        String withDevices = IntStream.range(0, 167)
                .mapToObj(i -> "{\"customer_id\":\"%s-%d\",\"devices\":[%s,%s,%s]}"
                        .formatted(customer, i, device(token + i), device("2" + token + i), device("3" + token + i)))
                .collect(Collectors.joining(",", "[", "]"));

        for (String body : List.of(customers, withDevices)) {
            assertThat(faults(registry.post("/v1/customers/bulk", body))).containsExactly("");
            assertThat(faults(registry.put("/v1/customers/bulk-update", "{\"customers\":" + body + "}")))
                    .containsExactly("/customers");
        }
        assertProblem(registry.get("/v1/customers/" + customer + "-0"), 404, "CUSTOMER_NOT_FOUND");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT    | /v1/customers | GET POST",
                "PATCH  | /v1/customers/c | DELETE GET PUT",
                "DELETE | /v1/customers/c/devices | GET PATCH POST",
                "PUT    | /v1/customers/c/devices:remove | POST",
                "PUT    | /v1/customers/c/devices/" + DEVICE + " | DELETE GET PATCH",
                "POST   | /v1/customers/c/devices/" + DEVICE + "/sync | GET",
                "GET    | /v1/devices:search | POST",
                "PUT    | /v1/devices:batch | POST",
                "DELETE | /v1/devices:report-invalid | POST",
                "DELETE | /v1/erasures/" + DEVICE + " | GET",
                "GET    | /v1/sync:replay | POST",
                "POST   | /v1/sync | GET",
                "PUT    | /v1/sync/parked | GET"
            })
    void a_method_that_a_path_does_not_take_is_told_those_that_it_does(String method, String path, String allowed)
            throws Exception {
        Answer answer = send(method, path, "{}");

        assertProblem(answer, 405, "METHOD_NOT_ALLOWED");
        Set<String> methods = new HashSet<>(List.of(answer.header("Allow").split(", ?")));
        methods.removeAll(Set.of("HEAD", "OPTIONS"));
        assertThat(methods).containsExactlyInAnyOrder(allowed.split(" "));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void every_body_must_be_json_and_every_caller_known(String method, String path) throws Exception {
        assertProblem(
                registry.send(registry.request(path)
                        .header("X-Authorization", Deployment.API_KEY)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .method(method, BodyPublishers.ofString("customer_id=c"))),
                415,
                "UNSUPPORTED_MEDIA_TYPE");
        assertProblem(send(method, path, ""), 400, "MALFORMED_REQUEST");
        assertProblem(send(method, path, "{\"secret"), 400, "MALFORMED_REQUEST");
        assertProblem(
                registry.send(registry.request(path)
                        .header("X-Authorization", "wrong")
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString("{}"))),
                401,
                "UNAUTHENTICATED");
    }

    @ParameterizedTest
    @CsvSource({"POST, /v1/customers/C/devices", "PUT, /v1/customers/C", "POST, /v1/devices:search"})
    void a_parameter_of_the_query_that_is_not_known_is_named_and_nothing_is_done(String method, String path)
            throws Exception {
        String body = method.equals("POST") && path.endsWith("/devices") ? devices(device(token)) : "{}";

        assertThat(faults(send(method, path.replace("C", customer) + "?dry_run=true", body)))
                .containsExactly("dry_run");
        assertProblem(registry.get("/v1/customers/" + customer), 404, "CUSTOMER_NOT_FOUND");
    }

    @Test
    void a_customer_has_so_many_active_devices_and_what_would_be_one_more_is_stored_nowhere() throws Exception {
        String first = register(device("1" + token), device("2" + token)).deviceId();

        Answer refused = register(device("3" + token), device("4" + token));

        assertThat(faults(refused, "TOO_MANY_DEVICES")).containsExactly("/devices");
        assertThat(active()).isEqualTo(2);
        assertThat(register(device("3" + token), device("1" + token), device("3" + token))
                        .status())
                .isEqualTo(201);
        for (Answer answer : List.of(
                registry.post(
                        "/v1/customers", "{\"customer_id\":\"%s\",%s".formatted(customer, tail(device("4" + token)))),
                registry.put("/v1/customers/" + customer, "{\"first_name\":\"Jo\"," + tail(device("4" + token))))) {
            assertThat(faults(answer, "TOO_MANY_DEVICES")).containsExactly("/devices");
        }
        assertThat(faults(
                        registry.post(
                                "/v1/customers/bulk",
                                "[{\"customer_id\":\"b-%s\"},{\"customer_id\":\"%1$s\",%s]"
                                        .formatted(customer, tail(device("4" + token)))),
                        "TOO_MANY_DEVICES"))
                .containsExactly("/1/devices");
        assertThat(faults(
                        registry.put(
                                "/v1/customers/bulk-update",
                                "{\"customers\":[{\"customer_id\":\"%1$s\"},{\"customer_id\":\"b-%1$s\"},{\"customer_id\":\"%1$s\",%2$s]}"
                                        .formatted(customer, tail(device("4" + token)))),
                        "TOO_MANY_DEVICES"))
                .containsExactly("/customers/2/devices");
        assertThat(faults(
                        registry.post(
                                "/v1/customers/bulk",
                                "[{\"customer_id\":\"%1$s\",%2$s,{\"customer_id\":\"%1$s\",%3$s,{\"customer_id\":\"%1$s\"}]"
                                        .formatted(customer, tail(device("3" + token)), tail(device("4" + token)))),
                        "TOO_MANY_DEVICES"))
                .containsExactly("/1/devices");
        assertProblem(registry.get("/v1/customers/b-" + customer), 404, "CUSTOMER_NOT_FOUND");
        assertThat(registry.get("/v1/customers/" + customer)
                        .json()
                        .path("first_name")
                        .isNull())
                .isTrue();

        registry.delete(path(customer, first));
        assertThat(register(device("4" + token)).status()).isEqualTo(201);
        // It would come back as the fourth.
        assertThat(faults(register(device("1" + token)), "TOO_MANY_DEVICES")).containsExactly("/devices");
        assertThat(active()).isEqualTo(3);
    }

    private static String all(String... paths) throws IOException, InterruptedException {
        StringBuilder bodies = new StringBuilder();
        for (String path : paths) {
            bodies.append(registry.get(path).body());
        }
        return bodies.toString();
    }

    private static String tail(String device) {
        return "\"devices\":[" + device + "]}";
    }

    @Test
    void a_customer_who_is_full_takes_no_token_from_another_and_revives_no_device() throws Exception {
        String seen = "\"observed_at\":\"" + Instant.now().minus(Duration.ofMinutes(2)) + "\"";
        String invalid = register(device("dead-" + token, seen)).deviceId();
        registry.post("/v1/devices:report-invalid", "{\"reports\":[{\"device_token\":\"dead-%s\"}]}".formatted(token));
        register(device("1" + token), device("2" + token), device("3" + token));
        String theirs = registry.register("another-" + customer, "web", token).deviceId();

        assertThat(faults(register(device(token)), "TOO_MANY_DEVICES")).containsExactly("/devices");
        for (Answer rotation : List.of(
                registry.patch(path(customer, invalid), "{\"device_token\":\"%s\"}".formatted(token)),
                registry.patch(
                        "/v1/customers/" + customer + "/devices",
                        "{\"current_device_token\":\"dead-%1$s\",\"device_token\":\"%1$s\"}".formatted(token)))) {
            assertThat(faults(rotation, "TOO_MANY_DEVICES")).containsExactly("/device_token");
        }

        assertThat(registry.device("another-" + customer, theirs).text("/status"))
                .isEqualTo("ACTIVE");
        assertThat(registry.device(customer, invalid).text("/status")).isEqualTo("INVALID");
        assertThat(active()).isEqualTo(3);
    }

    static Stream<String> hostileIds() {
        String visible =
                ". .. %2e %2E%2e .%2e %2e%2e%2f ..%2Fvictim %2F %5C..%5Cvictim %00 victim%00 %0a %20 victim%20 "
                        + "%C3%A4 %F0%9F%98%80 %25 %252e%252e victim,victim victim;a=b victim%3Bb victim%2F victim%3F victim%23 "
                        + "bulk bulk-update";
        return Stream.concat(Stream.of(visible.split(" ")), Stream.of("", "x".repeat(5_000)));
    }

    @ParameterizedTest
    @MethodSource("hostileIds")
    void a_hostile_id_reaches_nobody_else(String id) throws Exception {
        String victim = registry.register("victim", "web", "victims-token").deviceId();
        // Whoever is called like a part of a path must not be taken for it.
        registry.put("/v1/customers/devices", "{\"first_name\":\"Devi\"}");
        String rotation = "{\"current_device_token\":\"victims-token\",\"device_token\":\"stolen\"}";
        String removal = "{\"device_token\":\"victims-token\"}";
        String before = all(path("victim", victim), "/v1/customers/victim", "/v1/customers/devices");

        List<String> reached = new ArrayList<>();
        for (String path : List.of(
                "/v1/customers/" + id,
                "/v1/customers/" + id + "/devices",
                "/v1/customers/" + id + "/devices/" + victim,
                "/v1/customers/" + id + "/devices/" + victim + "/sync",
                "/v1/customers/" + id + "/devices:remove",
                "/v1/customers/victim/devices/" + id,
                "/v1/customers/victim/devices/" + id + "/sync",
                "/v1/erasures/" + id)) {
            for (String method : List.of("GET", "POST", "PATCH", "PUT", "DELETE")) {
                Answer answer = send(method, path, method.equals("PATCH") ? rotation : removal);
                if (answer.status() < 400 || !answer.contentType().equals("application/problem+json")) {
                    reached.add("%s %s: %d %s".formatted(method, path, answer.status(), answer.body()));
                }
            }
        }

        assertThat(reached).isEmpty();
        assertThat(all(path("victim", victim), "/v1/customers/victim", "/v1/customers/devices"))
                .isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "devices:batch          | {} | /items",
                "devices:batch          | {\"items\":[]} | /items",
                "devices:batch          | {\"items\":{}} | /items",
                "devices:batch          | {\"items\":[7],\"mode\":1} | /mode",
                "devices:batch          | [] | ''",
                "devices:report-invalid | {} | /reports",
                "devices:report-invalid | {\"reports\":[]} | /reports",
                "devices:report-invalid | {\"reports\":[{}]} | /reports/0/device_token",
                "devices:report-invalid | {\"reports\":[{\"device_token\":\"t\",\"reason\":\"no word\"}]} | /reports/0/reason",
                "devices:report-invalid | {\"reports\":[{\"device_token\":\"t\",\"when\":1}]} | /reports/0/when",
                "devices:search         | {\"cursor\":\"nonsense\"} | /cursor",
                "devices:search         | {\"cursor\":\"Y2FsaWNl\"} | /cursor",
                "devices:search         | {\"cursor\":7} | /cursor",
                "devices:search         | {\"provider\":\"bunce\"} | /sync_state",
                "devices:search         | {\"sync_state\":\"SYNCED\"} | /provider",
                "devices:search         | {\"provider\":\"Not a word\",\"sync_state\":\"SYNCED\"} | /provider",
                "devices:search         | {\"provider\":\"bunce\",\"sync_state\":\"LOST\"} | /sync_state",
                "devices:search         | {\"customer\":\"c\"} | /customer",
                "devices:search         | {\"customer_id\":\"a b\"} | /customer_id",
                "devices:search         | {\"device_token\":\"\"} | /device_token",
                "devices:search         | {\"device_type\":\"sundial\"} | /device_type",
                "devices:search         | {\"status\":\"active\"} | /status",
                "devices:search         | {\"seen_before\":\"yesterday\"} | /seen_before",
                "devices:search         | {\"seen_after\":\"2026-01-01T00:00:00\"} | /seen_after",
                "devices:search         | {\"limit\":0} | /limit",
                "devices:search         | {\"limit\":1001} | /limit",
                "devices:search         | {\"limit\":\"5\"} | /limit",
                "devices:search         | {\"limit\":1.5} | /limit"
            })
    void a_fault_is_named_by_its_pointer(String path, String body, String pointer) throws Exception {
        assertThat(faults(registry.post("/v1/" + path, body))).containsExactly(pointer);
    }
}
