package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.faults;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.IOException;
import java.net.URI;
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

/** Customers and their profiles, one by one and many at once, with the devices that come with them. */
class CustomersIT {
    private static final String[] MEMBERS = {
        "customer_id", "email", "first_name", "last_name", "phone_no", "created_at", "updated_at", "updated_by"
    };

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

    private final String customer = "c-" + UUID.randomUUID();
    private final String token = "token-" + UUID.randomUUID();

    private Answer create(String members) throws IOException, InterruptedException {
        return registry.post("/v1/customers", "{\"customer_id\":\"" + customer + "\"" + members + "}");
    }

    private Answer put(String body) throws IOException, InterruptedException {
        return registry.put("/v1/customers/" + customer, body);
    }

    private Answer shown() throws IOException, InterruptedException {
        return registry.get("/v1/customers/" + customer);
    }

    private static List<String> ids(Answer list) {
        assertThat(list.status()).as(list.body()).isIn(200, 201);
        List<String> ids = new ArrayList<>();
        list.json()
                .path("customers")
                .forEach(one -> ids.add(one.path("customer_id").asText()));
        return ids;
    }

    private static String device(String type, String token) {
        return "{\"device_type\":\"%s\",\"device_token\":\"%s\"}".formatted(type, token);
    }

    private static void assertProfile(
            Answer customer, String email, String firstName, String lastName, String phoneNumber) {
        for (String[] part : new String[][] {
            {"email", email}, {"first_name", firstName}, {"last_name", lastName}, {"phone_no", phoneNumber}
        }) {
            // A JSON null reads as this word.
            assertThat(customer.text("/" + part[0])).as(part[0]).isEqualTo(part[1]);
        }
    }

    @Test
    void a_customer_is_created_once_and_described_again_after_that() throws Exception {
        Answer created = create(",\"email\":\"john@example.com\",\"first_name\":\"John\",\"last_name\":\"Doe\"");
        Answer again = create(",\"email\":\"doe@example.com\",\"phone_no\":\"+23481999999999\"");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.members("")).containsExactly(MEMBERS);
        assertProfile(created, "john@example.com", "John", "Doe", "null");
        assertThat(created.text("/customer_id")).isEqualTo(customer);
        assertThat(created.text("/created_at")).endsWith("Z").isEqualTo(created.text("/updated_at"));
        assertThat(again.status()).isEqualTo(200);
        assertProfile(again, "doe@example.com", "John", "Doe", "+23481999999999");
        assertThat(again.text("/created_at")).isEqualTo(created.text("/created_at"));
        assertThat(Instant.parse(again.text("/updated_at"))).isAfter(Instant.parse(created.text("/updated_at")));
        assertThat(shown().json()).isEqualTo(again.json());
    }

    @Test
    void what_is_put_is_merged_absent_stays_and_null_clears() throws Exception {
        Answer made = put("{\"email\":\"jane@example.com\",\"first_name\":\"Jane\",\"last_name\":\"Doe\"}");
        Answer merged = put("{\"first_name\":\"Janet\",\"last_name\":null,\"phone_no\":\"1\"}");
        Answer same = put("{\"first_name\":\"Janet\"}");
        Answer nothing = put("{}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(merged.status()).isEqualTo(200);
        assertProfile(merged, "jane@example.com", "Janet", "null", "1");
        assertThat(same.status()).isEqualTo(200);
        assertThat(same.json()).isEqualTo(merged.json());
        assertThat(nothing.json()).isEqualTo(merged.json());
        assertThat(shown().json()).isEqualTo(merged.json());
    }

    @Test
    void a_customer_tells_which_caller_changed_the_profile_last() throws Exception {
        put("{\"first_name\":\"Jane\"}");
        String key = registry.post("/v1/api-keys", """
                {"caller":"crm","scopes":["customers:write"]}""").text("/key");
        RegistryClient crm = new RegistryClient(registry.url(), key);

        Answer same = crm.put("/v1/customers/" + customer, "{\"first_name\":\"Jane\"}");
        Answer changed = crm.put("/v1/customers/" + customer, "{\"first_name\":\"Janet\"}");

        assertThat(same.text("/updated_by")).isEqualTo("bootstrap");
        assertThat(changed.text("/updated_by")).isEqualTo("crm");
        assertThat(shown().json()).isEqualTo(changed.json());
    }

    @Test
    void the_first_registration_makes_a_customer_without_a_profile_who_may_get_one_at_any_time() throws Exception {
        assertProblem(shown(), 404, "CUSTOMER_NOT_FOUND");
        registry.register(customer, "ios", token);

        Answer bare = shown();
        Answer described = create(",\"email\":\"late@example.com\"");

        assertThat(bare.status()).isEqualTo(200);
        assertProfile(bare, "null", "null", "null", "null");
        assertThat(described.status()).isEqualTo(200);
        assertProfile(described, "late@example.com", "null", "null", "null");
        assertThat(registry.list(customer).json().path("devices")).hasSize(1);
    }

    @Test
    void what_only_the_server_sets_is_accepted_and_ignored() throws Exception {
        String readOnly = ",\"providers\":[{\"name\":\"fcm\"}],\"created_at\":\"1999-01-01T00:00:00Z\","
                + "\"customer_created_at\":null,\"updated_at\":915148800,\"updated_by\":\"nobody\",\"last_interaction\":{\"at\":\"yesterday\"}";

        Answer created = create(readOnly);
        Answer updated = put("{\"customer_id\":null,\"first_name\":\"Jo\"" + readOnly + "}");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.text("/created_at")).startsWith("2");
        assertThat(updated.status()).isEqualTo(200);
        assertThat(updated.text("/created_at")).isEqualTo(created.text("/created_at"));
        assertThat(updated.text("/updated_by")).isEqualTo("bootstrap");
        assertThat(updated.members("")).isEqualTo(created.members(""));
    }

    @Test
    void the_customer_in_the_body_must_be_the_one_in_the_path() throws Exception {
        assertThat(faults(put("{\"customer_id\":\"somebody-else\",\"first_name\":\"Jo\"}")))
                .containsExactly("/customer_id");
        assertProblem(shown(), 404, "CUSTOMER_NOT_FOUND");
        assertProblem(registry.get("/v1/customers/somebody-else"), 404, "CUSTOMER_NOT_FOUND");

        assertThat(put("{\"customer_id\":\"" + customer + "\"}").status()).isEqualTo(201);
    }

    @Test
    void devices_that_come_with_a_customer_are_registered_and_others_stay() throws Exception {
        create(",\"devices\":[" + device("IOS", token + "-1") + "," + device("android", token + "-2") + "]");
        Answer updated = put("{\"devices\":[" + device("ios", token + "-3") + "," + device("ios", token + "-1") + "]}");
        put("{\"devices\":null}");
        put("{\"devices\":[]}");

        assertThat(updated.members("")).doesNotContain("devices");
        Answer list = registry.list(customer);
        assertThat(list.json().path("devices")).hasSize(3).allSatisfy(one -> {
            assertThat(one.path("status").asText()).isEqualTo("ACTIVE");
            assertThat(one.path("version").asInt()).isEqualTo(1);
        });
        for (JsonNode one : list.json().path("devices")) {
            registry.awaitSync(customer, one.path("device_id").asText(), "SYNCED");
        }
        assertThat(deployment.told(customer))
                .containsExactlyInAnyOrder(
                        customer + " + " + token + "-1",
                        customer + " + " + token + "-2",
                        customer + " + " + token + "-3");
    }

    @Test
    void many_customers_are_created_and_updated_at_once_and_answered_in_their_order() throws Exception {
        String other = "b" + customer;
        String both = "[{\"customer_id\":\"%s\",\"first_name\":\"Jo\",\"devices\":[%s]},{\"customer_id\":\"%s\"}]"
                .formatted(customer, device("web", token), other);

        Answer created = registry.post("/v1/customers/bulk", "{\"customers\":" + both + "}");
        Answer bare = registry.post("/v1/customers/bulk", both);
        Answer updated = registry.put(
                "/v1/customers/bulk-update",
                "{\"customers\":[{\"customer_id\":\"%s\",\"last_name\":\"Roe\"},{\"customer_id\":\"%s\"}]}"
                        .formatted(other, customer));
        Answer updatedBare = registry.put(
                "/v1/customers/bulk-update",
                "[{\"customer_id\":\"%s\",\"first_name\":null,\"email\":\"jo@example.com\"}]".formatted(customer));

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.members("")).containsExactly("customers");
        assertThat(created.members("/customers/0")).containsExactly(MEMBERS);
        assertThat(ids(created)).containsExactly(customer, other);
        assertThat(bare.status()).isEqualTo(200);
        assertThat(bare.json()).isEqualTo(created.json());
        assertThat(updated.status()).isEqualTo(200);
        assertThat(ids(updated)).containsExactly(other, customer);
        assertThat(updated.text("/customers/0/last_name")).isEqualTo("Roe");
        assertThat(updated.text("/customers/1/first_name")).isEqualTo("Jo");
        assertThat(updatedBare.status()).isEqualTo(200);
        assertProfile(shown(), "jo@example.com", "null", "null", "null");
        assertThat(registry.list(customer).json().path("devices")).hasSize(1);
    }

    @Test
    void of_many_customers_all_are_stored_or_none_and_every_fault_has_its_place() throws Exception {
        String faulty = """
                [{"customer_id":"%s","first_name":"Jo"},
                 {"customer_id":"a b","email":"nowhere","phone_no":"%s"},
                 {"first_name":7,"devices":[{"device_type":"sundial"}],"surname":"Roe"},
                 "nobody"]""".formatted(customer, "1".repeat(65));

        for (Answer answer : List.of(
                registry.post("/v1/customers/bulk", "{\"customers\":" + faulty + "}"),
                registry.put("/v1/customers/bulk-update", "{\"customers\":" + faulty + "}"))) {
            assertThat(faults(answer))
                    .containsExactlyInAnyOrder(
                            "/customers/1/customer_id",
                            "/customers/1/email",
                            "/customers/1/phone_no",
                            "/customers/2/customer_id",
                            "/customers/2/first_name",
                            "/customers/2/surname",
                            "/customers/2/devices/0/device_type",
                            "/customers/2/devices/0/device_token",
                            "/customers/3");
        }
        assertThat(faults(registry.post("/v1/customers/bulk", faulty)))
                .contains("/1/email", "/2/devices/0/device_type", "/3");
        assertProblem(shown(), 404, "CUSTOMER_NOT_FOUND");
    }

    @Test
    void in_one_request_a_token_has_one_customer_and_one_type() throws Exception {
        String body = """
                {"customers":[{"customer_id":"%1$s","devices":[%2$s,%3$s]},
                              {"customer_id":"other-%1$s","devices":[%4$s,%2$s]},
                              {"customer_id":"%1$s","devices":[%5$s]}]}""".formatted(
                        customer,
                        device("ios", token),
                        device("android", token),
                        device("ios", "fine-" + token),
                        device("web", token));

        assertThat(faults(registry.post("/v1/customers/bulk", body)))
                .containsExactlyInAnyOrder(
                        "/customers/0/devices/1/device_type",
                        "/customers/1/devices/1/device_token",
                        "/customers/2/devices/0/device_type");
        assertThat(registry.list(customer).json().path("devices")).isEmpty();
        assertThat(registry.list("other-" + customer).json().path("devices")).isEmpty();
    }

    @Test
    void the_list_is_in_the_order_of_the_ids_and_comes_in_pages() throws Exception {
        for (String end : List.of("5", "1", "3", "4", "2")) {
            registry.put("/v1/customers/" + customer + "-" + end, "{\"email\":\"%s@example.com\"}".formatted(customer));
        }
        String filter = "/v1/customers?emails=" + customer + "@example.com&per_page=2";

        Answer first = registry.get(filter);
        registry.delete("/v1/customers/" + customer + "-1");
        registry.delete("/v1/customers/" + customer + "-3");
        registry.put("/v1/customers/" + customer + "-6", "{\"email\":\"%s@example.com\"}".formatted(customer));
        Answer second = registry.get(filter + "&cursor=" + first.text("/next_cursor"));
        Answer third = registry.get(filter + "&cursor=" + second.text("/next_cursor"));

        assertThat(first.members("")).containsExactly("customers", "next_cursor");
        assertThat(first.members("/customers/0")).containsExactly(MEMBERS);
        assertThat(ids(first)).containsExactly(customer + "-1", customer + "-2");
        assertThat(ids(second)).containsExactly(customer + "-4", customer + "-5");
        assertThat(ids(third)).containsExactly(customer + "-6");
        assertThat(third.json().path("next_cursor").isNull()).isTrue();
    }

    @Test
    void the_list_is_narrowed_by_ids_and_by_e_mail_addresses_and_by_both() throws Exception {
        String other = "other-" + customer;
        create(",\"email\":\"Jo+1@example.com\"");
        registry.put("/v1/customers/" + other, "{\"email\":\"" + other + "@example.com\"}");

        assertThat(ids(registry.get("/v1/customers?customer_ids=" + customer + "," + other + ",nobody")))
                .containsExactly(customer, other);
        assertThat(ids(registry.get("/v1/customers?emails=" + other + "%40example.com,nobody@example.com")))
                .containsExactly(other);
        assertThat(ids(registry.get("/v1/customers?emails=Jo%2B1@example.com&customer_ids=" + customer)))
                .containsExactly(customer);
        assertThat(ids(registry.get("/v1/customers?emails=Jo%2B1@example.com&customer_ids=" + other)))
                .isEmpty();
        assertThat(ids(registry.get("/v1/customers"))).contains(customer, other);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "customer_ids=a%20b | customer_ids",
                "customer_ids= | customer_ids",
                "emails=%00 | emails",
                "emails=a%40example.com,b%0A%40example.com | emails",
                "emails=a%40example.com, | emails",
                "per_page=0 | per_page",
                "per_page=1001 | per_page",
                "per_page=1e2 | per_page",
                "cursor=nonsense | cursor",
                "cursor=ZDAxYTIwZjE5 | cursor",
                "limit=5 | limit",
                "status=ACTIVE&emails=a&emails=b | status;emails"
            })
    void a_parameter_of_the_list_that_is_not_understood_is_named(String query, String parameters) throws Exception {
        assertThat(faults(registry.get("/v1/customers?" + query))).containsExactlyInAnyOrder(parameters.split(";"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"auth0%7C5f7c", "+49170", "%2B49171", "a:b@c.example", "~=.-_", "00000", "...", "%41b", "Bulk"})
    void a_customer_id_is_opaque_and_means_the_same_everywhere(String inUrl) throws Exception {
        String id = URI.create("/" + inUrl).getPath().substring(1);

        Answer made = registry.put("/v1/customers/" + inUrl, "{\"first_name\":\"Jo\"}");
        Answer again = registry.post("/v1/customers", "{\"customer_id\":\"" + id + "\",\"last_name\":\"Roe\"}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.text("/customer_id")).isEqualTo(id);
        assertThat(again.status()).isEqualTo(200);
        assertThat(registry.get("/v1/customers/" + inUrl).json()).isEqualTo(again.json());
        assertThat(ids(registry.get("/v1/customers?customer_ids=" + inUrl.replace("+", "%2B"))))
                .containsExactly(id);
        assertThat(registry.delete("/v1/customers/" + inUrl).status()).isEqualTo(202);
        assertProblem(registry.get("/v1/customers/" + inUrl), 404, "CUSTOMER_NOT_FOUND");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'email':'nowhere'} | /email",
                "{'email':7} | /email",
                "{'first_name':'a\\u0000b'} | /first_name",
                "{'devices':{}} | /devices",
                "{'devices':[null]} | /devices/0",
                "{'name':'Jo'} | /name",
                "{'customer_id':7} | /customer_id",
                "[] | ''"
            })
    void a_fault_of_a_profile_is_named_by_its_pointer(String body, String pointer) throws Exception {
        assertThat(faults(put(body.replace('\'', '"')))).containsExactly(pointer);
        assertProblem(shown(), 404, "CUSTOMER_NOT_FOUND");
    }
}
