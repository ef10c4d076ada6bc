package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static io.deviceregistry.bootstrap.e2e.RegistryClient.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices of many customers: registered, found, and reported dead. */
class BatchAndSearchIT {
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
    private final String another = "another-" + customer;
    private final String token = "token-" + UUID.randomUUID();

    private static String item(String customer, String type, String token, String... moreMembers) {
        return "{\"customer_id\":\"%s\",\"device_type\":\"%s\",\"device_token\":\"%s\"%s}"
                .formatted(
                        customer,
                        type,
                        token,
                        Stream.of(moreMembers).map(","::concat).collect(Collectors.joining()));
    }

    private static String seen(Duration ago) {
        return "\"observed_at\":\"" + Instant.now().minus(ago) + "\"";
    }

    private static Answer batch(String... items) throws IOException, InterruptedException {
        return registry.post("/v1/devices:batch", "{\"items\":[" + String.join(",", items) + "]}");
    }

    private static String[] items(int number, IntFunction<String> item) {
        return IntStream.range(0, number).mapToObj(item).toArray(String[]::new);
    }

    private static Answer search(String filters) throws IOException, InterruptedException {
        Answer found = registry.post("/v1/devices:search", "{" + filters + "}");
        assertThat(found.status()).as(found.body()).isEqualTo(200);
        assertThat(found.members("")).containsExactly("devices", "next_cursor");
        return found;
    }

    private static List<String> ids(Answer found) {
        return texts(found.json().path("devices"), "device_id");
    }

    private static List<String> texts(JsonNode list, String member) {
        List<String> texts = new ArrayList<>();
        list.forEach(element -> texts.add(element.path(member).asText()));
        return texts;
    }

    private static List<String> statuses(Answer batch) {
        return texts(batch.json().path("results"), "status");
    }

    private String byCustomer(String... moreMembers) {
        return "\"customer_id\":\"" + customer + "\""
                + Stream.of(moreMembers).map(","::concat).collect(Collectors.joining());
    }

    @Test
    void each_item_of_a_batch_is_answered_with_what_became_of_it() throws Exception {
        String existing =
                registry.register(customer, "ios", "existing-" + token).deviceId();
        String changed = registry.register(customer, "ios", "changed-" + token).deviceId();
        String removed = registry.register(customer, "ios", "removed-" + token).deviceId();
        registry.delete(path(customer, removed));
        registry.register(another, "ios", "others-" + token);

        Answer answer = batch(
                item(customer, "IOS", "new-" + token),
                item(customer, "ios", "existing-" + token),
                item(customer, "ios", "changed-" + token, "\"metadata\":{\"locale\":\"de\"}"),
                item(customer, "ios", "removed-" + token),
                item(customer, "ios", "others-" + token));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.members("")).containsExactly("results");
        assertThat(answer.members("/results/0")).containsExactly("index", "status", "device_id");
        assertThat(texts(answer.json().path("results"), "index")).containsExactly("0", "1", "2", "3", "4");
        assertThat(statuses(answer)).containsExactly("created", "existing", "changed", "reactivated", "transferred");
        assertThat(texts(answer.json().path("results"), "device_id").subList(1, 4))
                .containsExactly(existing, changed, removed);
        assertThat(texts(registry.list(customer).json().path("devices"), "device_id"))
                .containsExactlyInAnyOrderElementsOf(texts(answer.json().path("results"), "device_id"));
        assertThat(registry.list(another).json().path("devices")).isEmpty();
    }

    @Test
    void what_one_item_breaks_does_not_hinder_the_others_and_is_told_without_the_token() throws Exception {
        Answer answer = batch(
                item(customer, "ios", token),
                item("a b", "sundial", " secret", "\"note\":1"),
                "7",
                item(customer, "ios", "ahead-" + token, seen(Duration.ofMinutes(-6))),
                item(another, "android", "another-" + token));

        assertThat(answer.status()).isEqualTo(207);
        assertThat(statuses(answer)).containsExactly("created", "error", "error", "error", "created");
        assertThat(answer.members("/results/1")).containsExactly("index", "status", "code", "detail");
        for (int i = 1; i <= 3; i++) {
            assertThat(answer.text("/results/" + i + "/code")).isEqualTo("INVALID_REQUEST");
        }
        assertThat(answer.text("/results/1/detail")).contains("/customer_id", "/device_type", "/device_token", "/note");
        assertThat(answer.text("/results/3/detail")).contains("/observed_at");
        assertThat(answer.body()).doesNotContain("secret");
        assertThat(registry.list(customer).json().path("devices")).hasSize(1);
        assertThat(registry.list(another).json().path("devices")).hasSize(1);
    }

    @Test
    void a_batch_of_which_nothing_succeeds_is_answered_item_by_item_too() throws Exception {
        Answer answer = batch(item("a b", "ios", token));

        assertThat(answer.status()).isEqualTo(207);
        assertThat(statuses(answer)).containsExactly("error");
    }

    @Test
    void one_token_for_two_customers_or_with_two_types_is_an_error_of_all_items_that_have_it() throws Exception {
        String holder = registry.register("holder-" + customer, "ios", token).deviceId();

        Answer answer = batch(
                item(customer, "ios", token),
                item(customer, "ios", "typed-" + token),
                item(customer, "ios", "fine-" + token),
                item(another, "ios", token),
                item(customer, "web", "typed-" + token),
                item(customer, "ios", token));

        assertThat(answer.status()).isEqualTo(207);
        assertThat(statuses(answer)).containsExactly("error", "error", "created", "error", "error", "error");
        for (int i : new int[] {0, 1, 3, 4, 5}) {
            assertThat(answer.text("/results/" + i + "/code")).isEqualTo("CONFLICTING_ITEMS");
        }
        assertThat(registry.list(customer).json().path("devices")).hasSize(1);
        assertThat(registry.device("holder-" + customer, holder).text("/status"))
                .isEqualTo("ACTIVE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"customer_id\":\"another\",\"device_type\":\"ios\",\"device_token\":\"T\",\"metadata\":{\"locale\":7}}",
                "{\"customer_id\":\"another\",\"device_type\":\"sundial\",\"device_token\":\"T\"}",
                "{\"customer_id\":\"another\",\"device_token\":\"T\"}"
            })
    void an_item_with_a_fault_of_its_own_is_in_the_way_of_another_customers_too(String faulty) throws Exception {
        Answer answer = batch(item(customer, "ios", token), faulty.replace("\"T\"", '"' + token + '"'));

        assertThat(statuses(answer)).containsExactly("error", "error");
        assertThat(answer.text("/results/0/code")).isEqualTo("CONFLICTING_ITEMS");
        assertThat(answer.text("/results/1/code")).isEqualTo("INVALID_REQUEST");
        assertThat(registry.list(customer).json().path("devices")).isEmpty();
    }

    @Test
    void one_token_twice_for_one_customer_is_one_device_answered_twice() throws Exception {
        Answer answer = batch(
                item(customer, "ios", token, "\"metadata\":{\"locale\":\"de\"}"),
                item(customer, "IOS", token, "\"metadata\":{\"locale\":\"fr\"}"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("/results/0/status")).isEqualTo("created");
        assertThat(answer.text("/results/1/status")).isIn("existing", "changed");
        assertThat(answer.text("/results/0/device_id")).isEqualTo(answer.text("/results/1/device_id"));
        Answer list = registry.list(customer);
        assertThat(list.json().path("devices")).hasSize(1);
        assertThat(list.text("/devices/0/metadata/locale")).isEqualTo("fr");
    }

    @Test
    void a_late_item_says_that_something_newer_made_it_void() throws Exception {
        registry.register(another, "ios", token);

        Answer answer = batch(item(customer, "ios", token, seen(Duration.ofMinutes(10))));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(statuses(answer)).containsExactly("existing");
        assertThat(answer.members("/results/0")).containsExactly("index", "status", "device_id", "code", "detail");
        assertThat(answer.text("/results/0/code")).isEqualTo("SUPERSEDED");
        assertThat(registry.device(customer, answer.text("/results/0/device_id"))
                        .text("/status_reason"))
                .isEqualTo("TRANSFERRED");
    }

    @Test
    void what_a_customer_may_not_have_any_more_is_an_error_of_that_item() throws Exception {
        Answer answer = batch(items(102, i -> item(i == 101 ? another : customer, "web", token + "-" + i)));

        assertThat(answer.status()).isEqualTo(207);
        assertThat(answer.text("/results/99/status")).isEqualTo("created");
        assertThat(answer.text("/results/100/status")).isEqualTo("error");
        assertThat(answer.text("/results/100/code")).isEqualTo("TOO_MANY_DEVICES");
        assertThat(answer.text("/results/101/status")).isEqualTo("created");
        assertThat(registry.list(customer).json().path("devices")).hasSize(100);
    }

    @Test
    void a_thousand_items_go_in_one_request_and_not_one_more() throws Exception {
        String[] most = items(1_000, i -> item(customer + "-" + i % 20, "android", token + "-" + i));

        Answer answer = batch(most);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(statuses(answer)).hasSize(1_000).containsOnly("created");
        assertThat(Set.copyOf(texts(answer.json().path("results"), "device_id")))
                .hasSize(1_000);
        assertThat(texts(answer.json().path("results"), "index"))
                .isEqualTo(IntStream.range(0, 1_000).mapToObj(String::valueOf).toList());
        assertThat(registry.list(customer + "-19").json().path("devices")).hasSize(50);
        assertThat(statuses(batch(most))).hasSize(1_000).containsOnly("existing");

        // Twenty requests to Bunce, which hold nobody else up for long.
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(ids(search("\"provider\":\"bunce\",\"sync_state\":\"PENDING\"")))
                        .isEmpty());

        assertThat(faults(batch(items(1_001, i -> item(another, "ios", "more-" + token + "-" + i)))))
                .containsExactly("/items");
        assertThat(registry.list(another).json().path("devices")).isEmpty();
    }

    @Test
    void a_token_is_found_with_whoever_has_it_and_whoever_had_it() throws Exception {
        String former = registry.register(customer, "ios", token).deviceId();
        String holder = registry.register(another, "ios", token).deviceId();
        String byToken = "\"device_token\":\"" + token + "\"";

        Answer both = search(byToken);

        assertThat(ids(both)).containsExactly(former, holder);
        assertThat(both.json().path("next_cursor").isNull()).isTrue();
        assertThat(both.json().at("/devices/0/device_token").isNull()).isTrue();
        assertThat(both.json().at("/devices/1"))
                .isEqualTo(registry.device(another, holder).json());
        assertThat(ids(search(byToken + ",\"status\":\"ACTIVE\""))).containsExactly(holder);
        assertThat(ids(search(byToken + "," + byCustomer()))).containsExactly(former);
        assertThat(ids(search(byToken + ",\"device_type\":\"web\""))).isEmpty();
        assertThat(ids(search("\"device_token\":\"" + token.toUpperCase(Locale.ROOT) + "\"")))
                .isEmpty();
    }

    @Test
    void a_customers_devices_are_narrowed_by_type_status_and_time() throws Exception {
        Instant longAgo = Instant.now().minus(Duration.ofDays(3));
        String[] made = texts(
                        batch(
                                        item(customer, "ios", token + "-1", "\"observed_at\":\"" + longAgo + "\""),
                                        item(customer, "android", token + "-2"),
                                        item(customer, "ios", token + "-3"))
                                .json()
                                .path("results"),
                        "device_id")
                .toArray(String[]::new);
        registry.delete(path(customer, made[2]));
        Instant dayAgo = Instant.now().minus(Duration.ofDays(1));

        assertThat(ids(search(byCustomer()))).containsExactly(made);
        assertThat(ids(search(byCustomer("\"device_type\":\"IOS\"")))).containsExactly(made[0], made[2]);
        assertThat(ids(search(byCustomer("\"status\":\"REMOVED\"")))).containsExactly(made[2]);
        assertThat(ids(search(byCustomer("\"seen_before\":\"" + dayAgo + "\""))))
                .containsExactly(made[0]);
        assertThat(ids(search(byCustomer("\"seen_after\":\"" + dayAgo + "\"")))).containsExactly(made[1], made[2]);
        assertThat(ids(search(byCustomer("\"seen_after\":\"%s\",\"seen_before\":\"%s\"".formatted(longAgo, dayAgo)))))
                .isEmpty();
        assertThat(ids(search(byCustomer("\"status\":\"ACTIVE\",\"device_type\":\"ios\",\"limit\":null"))))
                .containsExactly(made[0]);
    }

    @Test
    void devices_are_found_by_how_a_provider_stands_towards_them() throws Exception {
        String sent = registry.register(customer, "ios", token).deviceId();
        String unsupported =
                registry.register(customer, "windows", "other-" + token).deviceId();
        registry.awaitSync(customer, sent, "SYNCED");
        registry.awaitSync(customer, unsupported, "UNSUPPORTED");
        String synced = "\"provider\":\"bunce\",\"sync_state\":\"SYNCED\"";
        String not = "\"provider\":\"bunce\",\"sync_state\":\"UNSUPPORTED\"";

        assertThat(ids(search(byCustomer(synced)))).containsExactly(sent);
        assertThat(ids(search(byCustomer(not)))).containsExactly(unsupported);
        assertThat(ids(search(not + ",\"device_type\":\"windows\",\"limit\":1000")))
                .contains(unsupported);
        assertThat(all(synced + ",\"limit\":1000")).contains(sent).doesNotContain(unsupported);
        assertThat(ids(search(byCustomer("\"provider\":\"acme\",\"sync_state\":\"SYNCED\""))))
                .isEmpty();
    }

    /** What all pages hold together. */
    private static List<String> all(String filters) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>();
        Answer page = search(filters);
        all.addAll(ids(page));
        while (!page.json().path("next_cursor").isNull()) {
            page = search(filters + ",\"cursor\":\"" + page.text("/next_cursor") + "\"");
            all.addAll(ids(page));
        }
        return all;
    }

    @Test
    void what_is_found_comes_in_pages_that_stay_right_while_devices_come_and_go() throws Exception {
        String[] made = texts(
                        batch(items(5, i -> item(customer, "huawei", token + "-" + i)))
                                .json()
                                .path("results"),
                        "device_id")
                .toArray(String[]::new);
        String present = byCustomer("\"status\":\"ACTIVE\",\"limit\":2");

        Answer first = search(present);
        registry.delete(path(customer, made[1]));
        registry.delete(path(customer, made[2]));
        String added = registry.register(customer, "huawei", "added-" + token).deviceId();
        Answer second = search(present + ",\"cursor\":\"" + first.text("/next_cursor") + "\"");
        Answer third = search(present + ",\"cursor\":\"" + second.text("/next_cursor") + "\"");

        assertThat(ids(first)).containsExactly(made[0], made[1]);
        assertThat(ids(second)).containsExactly(made[3], made[4]);
        assertThat(ids(third)).containsExactly(added);
        assertThat(third.json().path("next_cursor").isNull()).isTrue();
        assertThat(all("\"device_type\":\"huawei\",\"status\":\"ACTIVE\",\"limit\":1"))
                .contains(made[0], made[3], made[4], added)
                .doesNotHaveDuplicates();
        assertThat(all("\"limit\":1000")).contains(made).contains(added).doesNotHaveDuplicates();
    }

    @Test
    void a_thousand_tokens_are_reported_dead_in_one_request_each_with_its_outcome_and_not_one_more() throws Exception {
        batch(items(150, i -> item(customer + "-" + i % 2, "web", token + "-" + i, seen(Duration.ofMinutes(2)))));
        registry.register(another, "web", "lively-" + token);
        String[] reports =
                items(999, i -> "{\"device_token\":\"%s-%d\",\"reason\":\"UNREGISTERED\"}".formatted(token, i));

        Answer answer = registry.post(
                "/v1/devices:report-invalid",
                "{\"reports\":[{\"device_token\":\"lively-%s\"},%s]}".formatted(token, String.join(",", reports)));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.members("")).containsExactly("results");
        assertThat(answer.members("/results/0")).containsExactly("index", "status");
        List<String> statuses = texts(answer.json().path("results"), "status");
        assertThat(statuses).hasSize(1_000);
        assertThat(statuses.getFirst()).isEqualTo("ignored");
        assertThat(statuses.subList(1, 151)).containsOnly("invalidated");
        assertThat(statuses.subList(151, 1_000)).containsOnly("unknown");
        assertThat(texts(answer.json().path("results"), "index"))
                .isEqualTo(IntStream.range(0, 1_000).mapToObj(String::valueOf).toList());
        assertThat(texts(registry.list(customer + "-1").json().path("devices"), "status_reason"))
                .hasSize(75)
                .containsOnly("UNREGISTERED");

        assertThat(faults(registry.post(
                        "/v1/devices:report-invalid",
                        "{\"reports\":[%s,%s,%s]}".formatted(reports[0], reports[1], String.join(",", reports)))))
                .containsExactly("/reports");
    }

    @Test
    void of_reports_all_are_taken_or_none() throws Exception {
        String device =
                batch(item(customer, "ios", token, seen(Duration.ofMinutes(2)))).text("/results/0/device_id");

        assertThat(faults(registry.post(
                        "/v1/devices:report-invalid",
                        "{\"reports\":[{\"device_token\":\"%s\"},{\"device_token\":\"\"},7]}".formatted(token))))
                .containsExactlyInAnyOrder("/reports/1/device_token", "/reports/2");

        assertThat(registry.device(customer, device).text("/status")).isEqualTo("ACTIVE");
        assertProblem(registry.get("/v1/devices:search"), 405, "METHOD_NOT_ALLOWED");
    }
}
