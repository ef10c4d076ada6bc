package io.deviceregistry.bootstrap.e2e;

import static io.deviceregistry.bootstrap.e2e.ProblemAssertions.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Bunce's public Node client ({@code @bunce/node} 0.0.1, {@code src/lib/customers}) with only its base URL changed: each
 * of its calls about customers and devices is accepted as it is sent, and does what its name says.
 */
class BunceClientIT {
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

    private final String customer = UUID.randomUUID().toString();
    private final String token = "token-" + customer;
    private final Customers customers = new Customers();

    /** The client's class of that name, line by line: the paths are its templates, the bodies what it is given. */
    private static final class Customers {
        Answer create(String customer) throws IOException, InterruptedException {
            return send("POST", "/customers", customer);
        }

        Answer bulkCreate(String customers) throws IOException, InterruptedException {
            return send("POST", "/customers/bulk", customers);
        }

        Answer list(Map<String, String> params) throws IOException, InterruptedException {
            return send("GET", "/customers" + query(params), null);
        }

        Answer get(String customerId) throws IOException, InterruptedException {
            return send("GET", "/customers/" + customerId, null);
        }

        Answer update(String customerId, String customer) throws IOException, InterruptedException {
            return send("PUT", "/customers/" + customerId, customer);
        }

        Answer bulkUpdate(String customers) throws IOException, InterruptedException {
            return send("PUT", "/customers/bulk-update", customers);
        }

        Answer createDevices(String customerId, String payload) throws IOException, InterruptedException {
            return send("POST", "/customers/" + customerId + "/devices", payload);
        }

        Answer getDevices(String customerId) throws IOException, InterruptedException {
            return send("GET", "/customers/" + customerId + "/devices", null);
        }

        Answer updateDevice(String customerId, String payload) throws IOException, InterruptedException {
            return send("PATCH", "/customers/" + customerId + "/devices", payload);
        }

        /** The headers that the client sets, and those that axios 1 adds, with every request. */
        private static Answer send(String method, String path, @Nullable String body)
                throws IOException, InterruptedException {
            BodyPublisher publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
            return registry.send(registry.request("/v1" + path)
                    .header("X-Authorization", Deployment.API_KEY)
                    .header("Accept", "application/json")
                    .header("Content-Type", "application/json")
                    .header("User-Agent", "axios/1.13.2")
                    .header("Accept-Encoding", "gzip, compress, deflate, br")
                    .method(method, publisher));
        }

        /** As axios writes parameters: a comma stays, an at sign and a plus sign do not. */
        private static String query(Map<String, String> params) {
            return params.isEmpty()
                    ? ""
                    : params.entrySet().stream()
                            .map(param -> param.getKey() + "="
                                    + URLEncoder.encode(param.getValue(), StandardCharsets.UTF_8)
                                            .replace("%2C", ","))
                            .collect(Collectors.joining("&", "?", ""));
        }
    }

    private static List<String> texts(JsonNode list, String member) {
        List<String> texts = new ArrayList<>();
        list.forEach(element -> texts.add(element.path(member).asText()));
        return texts;
    }

    private String johnDoe() {
        return """
                {"customer_id":"%s","first_name":"John","last_name":"Doe","email":"johndoe@example.com",\
                "phone_no":"+23481999999999","devices":[{"device_type":"ios","device_token":"%s"}]}""".formatted(customer, token);
    }

    @Test
    void create_makes_the_customer_and_registers_its_devices() throws Exception {
        Answer created = customers.create(johnDoe());

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.text("/customer_id")).isEqualTo(customer);
        assertThat(created.text("/email")).isEqualTo("johndoe@example.com");
        assertThat(created.text("/first_name")).isEqualTo("John");
        assertThat(created.text("/last_name")).isEqualTo("Doe");
        assertThat(created.text("/phone_no")).isEqualTo("+23481999999999");
        assertThat(customers.getDevices(customer).text("/devices/0/device_token"))
                .isEqualTo(token);
    }

    @Test
    void bulk_create_makes_all_customers_of_the_wrapper_object() throws Exception {
        Answer created = customers.bulkCreate("""
                {"customers":[%s,
                  {"customer_id":"2-%s","first_name":"Jane","last_name":"Doe","email":"jane@example.com",
                   "phone_no":"1","devices":null}]}""".formatted(johnDoe(), customer));

        assertThat(created.status()).isEqualTo(201);
        assertThat(texts(created.json().path("customers"), "customer_id")).containsExactly(customer, "2-" + customer);
        assertThat(customers.get("2-" + customer).text("/email")).isEqualTo("jane@example.com");
        assertThat(customers.getDevices(customer).json().path("devices")).hasSize(1);
    }

    @Test
    void list_takes_the_clients_query_and_walks_by_its_cursor() throws Exception {
        String john = "john+" + customer + "@example.com";
        String jane = "jane-" + customer + "@example.com";
        customers.create("{\"customer_id\":\"a-%s\",\"email\":\"%s\"}".formatted(customer, john));
        customers.create("{\"customer_id\":\"b-%s\",\"email\":\"%s\"}".formatted(customer, jane));
        customers.create("{\"customer_id\":\"c-%s\",\"email\":\"nobody@example.com\"}".formatted(customer));
        String ids = "a-%1$s,b-%1$s,c-%1$s".formatted(customer);

        Answer first = customers.list(Map.of("per_page", "1", "emails", john + "," + jane, "customer_ids", ids));
        Answer second = customers.list(Map.of(
                "per_page",
                "1",
                "emails",
                john + "," + jane,
                "customer_ids",
                ids,
                "cursor",
                first.text("/next_cursor")));

        assertThat(texts(first.json().path("customers"), "email")).containsExactly(john);
        assertThat(texts(second.json().path("customers"), "email")).containsExactly(jane);
        assertThat(second.json().path("next_cursor").isNull()).isTrue();
        assertThat(customers.list(Map.of()).json().path("customers")).isNotEmpty();
    }

    @Test
    void get_finds_the_customer_or_tells_as_bunce_does_that_there_is_none() throws Exception {
        customers.create(johnDoe());

        Answer missing = customers.get("missing-" + customer);

        assertThat(customers.get(customer).text("/email")).isEqualTo("johndoe@example.com");
        assertProblem(missing, 404, "CUSTOMER_NOT_FOUND");
        assertThat(missing.json().path("success").asBoolean(true)).isFalse();
        assertThat(missing.text("/message")).contains("no customer");
    }

    @Test
    void update_changes_what_it_names_and_adds_devices() throws Exception {
        customers.create(johnDoe());

        Answer updated = customers.update(
                customer,
                "{\"first_name\":\"Jane\",\"email\":\"jane@example.com\","
                        + "\"devices\":[{\"device_type\":\"android\",\"device_token\":\"new-%s\"}]}".formatted(token));

        assertThat(updated.status()).isEqualTo(200);
        assertThat(updated.text("/first_name")).isEqualTo("Jane");
        assertThat(updated.text("/last_name")).isEqualTo("Doe");
        assertThat(texts(customers.getDevices(customer).json().path("devices"), "device_token"))
                .containsExactly(token, "new-" + token);
    }

    @Test
    void update_with_null_devices_leaves_them() throws Exception {
        customers.create(johnDoe());

        Answer updated = customers.update(customer, "{\"last_name\":\"Roe\",\"devices\":null}");

        assertThat(updated.text("/last_name")).isEqualTo("Roe");
        assertThat(customers.getDevices(customer).json().path("devices")).hasSize(1);
    }

    @Test
    void update_takes_a_customer_back_as_bunce_returns_it() throws Exception {
        customers.create(johnDoe());

        Answer updated = customers.update(customer, """
                {"customer_id":"%s","first_name":"Jane","last_name":null,"email":"johndoe@example.com","phone_no":null,
                 "providers":null,"customer_created_at":"2024-05-01T10:00:00.000000Z",
                 "updated_at":"2024-06-01 10:00:00","last_interaction":null}""".formatted(customer));

        assertThat(updated.status()).isEqualTo(200);
        assertThat(updated.text("/first_name")).isEqualTo("Jane");
        assertThat(updated.json().path("last_name").isNull()).isTrue();
        assertThat(updated.text("/updated_at")).doesNotStartWith("2024");
    }

    @Test
    void update_takes_a_customer_back_as_the_registry_returns_it() throws Exception {
        Answer created = customers.create(johnDoe());

        Answer updated = customers.update(customer, created.body());

        assertThat(updated.status()).isEqualTo(200);
        assertThat(updated.json()).isEqualTo(created.json());
    }

    @Test
    void bulk_update_changes_all_customers_of_the_wrapper_object() throws Exception {
        customers.create(johnDoe());

        Answer updated = customers.bulkUpdate("""
                {"customers":[{"customer_id":"%s","first_name":"Jane","email":"jane@example.com"}]}""".formatted(customer));

        assertThat(updated.status()).isEqualTo(200);
        assertThat(updated.text("/customers/0/first_name")).isEqualTo("Jane");
        assertThat(customers.get(customer).text("/email")).isEqualTo("jane@example.com");
        assertThat(customers.get(customer).text("/last_name")).isEqualTo("Doe");
    }

    @Test
    void bulk_update_of_a_customer_without_an_id_says_where_it_is_missing() throws Exception {
        Answer refused = customers.bulkUpdate("""
                {"customers":[{"first_name":"Jane","email":"jane@example.com"}]}""");

        assertThat(ProblemAssertions.faults(refused)).containsExactly("/customers/0/customer_id");
    }

    @Test
    void create_devices_registers_and_get_devices_lists_them() throws Exception {
        Answer created = customers.createDevices(customer, """
                {"devices":[{"device_type":"ios","device_token":"%s"}]}""".formatted(token));

        Answer listed = customers.getDevices(customer);

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.text("/devices/0/device_token")).isEqualTo(token);
        assertThat(listed.status()).isEqualTo(200);
        assertThat(listed.text("/devices/0/device_id")).isEqualTo(created.deviceId());
    }

    @Test
    void update_device_rotates_the_token() throws Exception {
        String device = registered();

        Answer updated = customers.updateDevice(customer, """
                {"current_device_token":"%1$s","device_type":"ios","device_token":"new-%1$s"}""".formatted(token));

        assertThat(updated.status()).isEqualTo(200);
        assertThat(updated.text("/device_id")).isEqualTo(device);
        assertThat(updated.text("/device_token")).isEqualTo("new-" + token);
    }

    @Test
    void update_device_with_null_leaves_the_type_or_the_token() throws Exception {
        String device = registered();

        Answer token2 = customers.updateDevice(customer, """
                {"current_device_token":"%1$s","device_type":null,"device_token":"2-%1$s"}""".formatted(token));
        Answer type = customers.updateDevice(customer, """
                {"current_device_token":"2-%s","device_type":"android","device_token":null}""".formatted(token));
        Answer nothing = customers.updateDevice(customer, """
                {"current_device_token":"2-%s"}""".formatted(token));

        assertThat(token2.text("/device_type")).isEqualTo("ios");
        assertThat(type.text("/device_id")).isEqualTo(device);
        assertThat(type.text("/device_type")).isEqualTo("android");
        assertThat(type.text("/device_token")).isEqualTo("2-" + token);
        assertThat(nothing.json()).isEqualTo(type.json());
    }

    private String registered() throws IOException, InterruptedException {
        return customers.createDevices(customer, """
                        {"devices":[{"device_type":"ios","device_token":"%s"}]}""".formatted(token)).deviceId();
    }
}
