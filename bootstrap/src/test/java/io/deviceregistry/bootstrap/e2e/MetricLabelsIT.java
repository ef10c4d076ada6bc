package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whatever is asked, metrics have few labels, none of which a caller wrote, and all answers are counted. */
class MetricLabelsIT {
    private static final String CANARY = "CANARY";
    private static final String DEVICES = "/v1/customers/{customer_id}/devices";
    private static final String DEVICE = DEVICES + "/{device_id}";

    /** More than Micrometer has room for. */
    private static final int MANY = 150;

    /** Requests at once. */
    private static final int MOST = 10;

    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private static Deployment deployment;
    private static RegistryClient registry;

    @BeforeAll
    static void start() {
        deployment = new Deployment()
                .with("REGISTRY_MAX_CONCURRENT_REQUESTS", String.valueOf(MOST))
                .with("REGISTRY_REQUESTS_PER_SECOND_OF", "impatient=1");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    private static int send(String method, String path, String... headers) throws IOException {
        return RawHttp.status(RawHttp.send(registry.url(), method, path, headers));
    }

    private static List<Map<String, String>> series(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + "{"))
                .map(line -> LABEL.matcher(line)
                        .results()
                        .collect(Collectors.toMap(label -> label.group(1), label -> label.group(2))))
                .toList();
    }

    private static Set<String> values(String metrics, String label) {
        return series(metrics, "http_server_requests_seconds_count").stream()
                .map(labels -> labels.get(label))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** How many answers there were, by all replicas of this test. */
    private static long counted(String method, String uri, int status) throws IOException, InterruptedException {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("http_server_requests_seconds_count{"))
                .filter(line -> line.contains("method=\"" + method + "\"")
                        && line.contains("uri=\"" + uri + "\"")
                        && line.contains("status=\"" + status + "\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static void awaitCounted(long times, String method, String uri, int status) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(counted(method, uri, status)).isEqualTo(times));
    }

    private static String metrics() throws IOException, InterruptedException {
        return registry.get("/q/metrics").body();
    }

    private static Set<String> templates() throws IOException, InterruptedException {
        JsonNode paths = registry.get("/q/openapi?format=json").json().path("paths");
        Set<String> templates = new TreeSet<>();
        paths.fieldNames().forEachRemaining(templates::add);
        return templates;
    }

    @Test
    void given_callers_who_write_what_they_like_then_no_series_has_it_and_all_answers_are_counted() throws Exception {
        String canaries = "/v1/customers/" + CANARY + "/devices";
        String key = "X-Authorization: " + Deployment.API_KEY;

        for (int i = 0; i < MANY; i++) {
            assertThat(send("POST", "/v1/customers/0000/devices/" + CANARY + i, "Content-Length: 0"))
                    .isEqualTo(405);
        }
        awaitCounted(MANY, "POST", DEVICE, 405);
        for (int i = 0; i < MANY; i++) {
            send(CANARY + i, canaries);
        }
        awaitCounted(MANY, "UNKNOWN", DEVICES, 405);
        for (int i = 0; i < MANY; i++) {
            assertThat(send("GET", "/v1/" + CANARY + i)).isEqualTo(404);
        }
        awaitCounted(MANY, "GET", "NOT_FOUND", 404);
        for (int i = 0; i < MANY; i++) {
            // With a slash too many, what is left of the path looks like a template of it.
            assertThat(send("GET", "/v1/" + CANARY + i + "/")).isEqualTo(422);
        }
        awaitCounted(MANY, "GET", "UNKNOWN", 422);
        assertThat(send("GET", canaries)).isEqualTo(401);
        awaitCounted(1, "GET", DEVICES, 401);
        for (String path : List.of(
                "//" + CANARY,
                "/v1//" + CANARY,
                "/v1/customers//" + CANARY,
                "/v1/customers/%2e%2e/" + CANARY,
                "/v1/customers/./" + CANARY + ";v=1",
                "/" + CANARY,
                "/q/" + CANARY,
                "/q/metrics/" + CANARY,
                "/q" + CANARY,
                "/%zz" + CANARY,
                "/" + CANARY + "|",
                "http://registry/v1/" + CANARY,
                CANARY,
                "*")) {
            send("GET", path);
            send("GET", path, key);
            send("OPTIONS", path);
            send(CANARY, path);
            send(
                    "OPTIONS",
                    path,
                    "Origin: https://" + CANARY,
                    "Access-Control-Request-Method: " + CANARY,
                    "Access-Control-Request-Headers: " + CANARY);
        }
        assertThat(send("POST", canaries, key, "Content-Type: text/" + CANARY, "Content-Length: 0"))
                .isEqualTo(415);
        assertThat(registry.post(canaries, "{\"devices\":[\"%s\"]}".formatted("x".repeat(5_000_000)))
                        .status())
                .isEqualTo(413);
        assertThat(send("GET", canaries, key, "Accept: text/" + CANARY)).isEqualTo(406);
        awaitCounted(1, "POST", DEVICES, 415);
        awaitCounted(1, "POST", DEVICES, 413);
        awaitCounted(1, "GET", DEVICES, 406);

        assertFew();
        registry.register("after", "ios", "token-of-after");
        awaitCounted(1, "POST", DEVICES, 201);
    }

    @Test
    void given_requests_that_are_broken_off_then_no_series_has_what_was_written() throws Exception {
        for (String method : List.of("POST", CANARY)) {
            for (String path : List.of("/v1/customers/" + CANARY + "/devices", "/v1/" + CANARY, "/" + CANARY)) {
                RawHttp.begin(registry.url(), method, path, "Content-Type: application/json", "Content-Length: 100")
                        .close();
            }
        }
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(values(metrics(), "status")).contains("RESET"));

        assertFew();
    }

    @Test
    void given_overload_then_each_refusal_is_counted_for_its_operation() throws Exception {
        List<Socket> begun = new ArrayList<>();
        try {
            for (int i = 0; i < MOST; i++) {
                begun.add(RawHttp.begin(
                        registry.url(),
                        "POST",
                        "/v1/customers/slow/devices",
                        "Content-Type: application/json",
                        "Content-Length: 100"));
            }
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> registry.list("any").status() == 503);
            long before = counted("GET", DEVICES, 503);

            for (int i = 0; i < MANY; i++) {
                assertThat(send("GET", "/v1/customers/" + CANARY + i + "/devices"))
                        .isEqualTo(503);
                assertThat(send("GET", "/v1/" + CANARY + i)).isEqualTo(503);
            }

            awaitCounted(before + MANY, "GET", DEVICES, 503);
            awaitCounted(MANY, "GET", "UNKNOWN", 503);
        } finally {
            for (Socket socket : begun) {
                socket.close();
            }
        }
        assertFew();
    }

    @Test
    void given_a_caller_who_asks_too_often_then_that_is_counted_for_its_operation() throws Exception {
        String key = registry.post("/v1/api-keys", "{\"caller\":\"impatient\",\"scopes\":[\"devices:read\"]}")
                .text("/key");

        int refused = 0;
        for (int i = 0; i < 20; i++) {
            refused +=
                    send("GET", "/v1/customers/" + CANARY + i + "/devices", "X-Authorization: " + key) == 429 ? 1 : 0;
        }

        assertThat(refused).isPositive();
        awaitCounted(refused, "GET", DEVICES, 429);
        assertFew();
    }

    private static void assertFew() throws Exception {
        String metrics = metrics();
        assertThat(metrics.lines().filter(line -> line.contains(CANARY))).isEmpty();
        Set<String> uris = values(metrics, "uri");
        uris.removeAll(templates());
        assertThat(uris).isSubsetOf("NOT_FOUND", "UNKNOWN", "root", "/cors-preflight");
        assertThat(values(metrics, "method"))
                .isSubsetOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "UNKNOWN");
    }
}
