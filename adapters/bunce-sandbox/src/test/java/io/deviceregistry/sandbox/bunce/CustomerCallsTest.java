package io.deviceregistry.sandbox.bunce;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.sandbox.bunce.Caller.Reply;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CustomerCallsTest extends SandboxTest {

    private static String customer(String id, String more) {
        return """
                {"customer_id":"%s","email":"%s@example.com","first_name":"Jo","last_name":"Doe","phone_no":"+491"%s}""".formatted(id, id, more);
    }

    @Test
    void givenACompleteProfile_whenCreated_thenItCanBeRead() {
        Reply created = bunce.post(
                "/v1/customers", customer("c1", ",\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"t1\"}]"));

        assertThat(created.status()).isEqualTo(201);
        Reply read = bunce.get("/v1/customers/c1");
        assertThat(read.status()).isEqualTo(200);
        JsonNode data = read.json().path("data");
        assertThat(data).isEqualTo(created.json().path("data"));
        assertThat(data.path("customer_id").asText()).isEqualTo("c1");
        assertThat(data.path("email").asText()).isEqualTo("c1@example.com");
        assertThat(data.path("first_name").asText()).isEqualTo("Jo");
        assertThat(data.path("last_name").asText()).isEqualTo("Doe");
        assertThat(data.path("phone_no").asText()).isEqualTo("+491");
        assertThat(data.path("customer_created_at").asText()).isEqualTo("2026-01-02T03:04:05.678Z");
        assertThat(data.path("devices").findValuesAsText("token")).containsExactly("t1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"customer_id", "email", "first_name", "last_name", "phone_no"})
    void givenAMissingMember_whenCreated_then422NamesIt(String member) {
        Reply reply = bunce.post("/v1/customers", customer("c1", "").replace(member, "other"));

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.json().path("message").asText()).isEqualTo(member + " is required");
        assertThat(bunce.get("/v1/customers/c1").status()).isEqualTo(404);
    }

    @Test
    void givenAKnownCustomer_whenCreatedAgain_thenItIsUpdatedAndKeepsItsDevices() {
        bunce.addDevice("c1", "t1");

        Reply reply = bunce.post("/v1/customers", customer("c1", ""));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().path("data").path("email").asText()).isEqualTo("c1@example.com");
        assertThat(reply.json().path("data").path("devices").findValuesAsText("token"))
                .containsExactly("t1");
    }

    @Test
    void givenAWrappedOrBareList_whenCreatedInBulk_thenAllExist() {
        Reply wrapped = bunce.post(
                "/v1/customers/bulk", "{\"customers\":[" + customer("c1", "") + "," + customer("c2", "") + "]}");
        Reply bare = bunce.post("/v1/customers/bulk", "[" + customer("c3", "") + "]");

        assertThat(wrapped.status()).isEqualTo(201);
        assertThat(wrapped.json().path("data").findValuesAsText("customer_id")).containsExactly("c1", "c2");
        assertThat(bare.status()).isEqualTo(201);
        assertThat(bunce.get("/v1/customers").json().path("data").findValuesAsText("customer_id"))
                .containsExactly("c1", "c2", "c3");
    }

    @Test
    void givenOneFaultyCustomer_whenCreatedInBulk_thenItIsNamedAndNoneExists() {
        Reply reply = bunce.post(
                "/v1/customers/bulk", "{\"customers\":[" + customer("c1", "") + ",{\"customer_id\":\"c2\"}]}");

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.json().path("message").asText()).isEqualTo("customers.1.email is required");
        assertThat(bunce.get("/v1/customers").json().path("data")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{\"customers\":[]}", "{\"customers\":7}"})
    void givenNoCustomers_whenSentInBulk_then422NamesTheMember(String body) {
        assertThat(bunce.post("/v1/customers/bulk", body).status()).isEqualTo(422);
        Reply reply = bunce.put("/v1/customers/bulk-update", body);
        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.json().path("message").asText()).startsWith("customers ");
    }

    @Test
    void givenKnownCustomers_whenUpdatedInBulk_thenByIdOrEmailOnlyWhatIsGivenChanges() {
        bunce.post("/v1/customers/bulk", "[" + customer("c1", "") + "," + customer("c2", "") + "]");

        Reply reply = bunce.put("/v1/customers/bulk-update", """
                {"customers":[
                  {"customer_id":"c1","first_name":"Ann"},
                  {"email":"c2@example.com","phone_no":"+492","devices":[{"device_type":"ios","device_token":"t2"}]}]}""");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().path("data").findValuesAsText("customer_id")).containsExactly("c1", "c2");
        JsonNode first = bunce.get("/v1/customers/c1").json().path("data");
        assertThat(first.path("first_name").asText()).isEqualTo("Ann");
        assertThat(first.path("email").asText()).isEqualTo("c1@example.com");
        JsonNode second = bunce.get("/v1/customers/c2").json().path("data");
        assertThat(second.path("phone_no").asText()).isEqualTo("+492");
        assertThat(second.path("devices").findValuesAsText("token")).containsExactly("t2");
    }

    @Test
    void givenOneUnknownCustomer_whenUpdatedInBulk_then404AndNoneChanges() {
        bunce.post("/v1/customers", customer("c1", ""));

        Reply reply = bunce.put(
                "/v1/customers/bulk-update",
                "{\"customers\":[{\"customer_id\":\"c1\",\"first_name\":\"Ann\"},{\"customer_id\":\"c2\"}]}");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(bunce.get("/v1/customers/c1").json().findValue("first_name").asText())
                .isEqualTo("Jo");
    }

    @Test
    void givenNeitherIdNorEmail_whenUpdatedInBulk_then422NamesTheEntry() {
        Reply reply = bunce.put("/v1/customers/bulk-update", "{\"customers\":[{\"first_name\":\"Ann\"}]}");

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.json().path("message").asText()).startsWith("customers.0.customer_id ");
    }

    @Test
    void givenAKnownCustomer_whenPut_thenItIsMergedAndDevicesAreAdded() {
        bunce.post("/v1/customers", customer("c1", ""));
        bunce.addDevice("c1", "t1");

        Reply reply = bunce.put(
                "/v1/customers/c1",
                "{\"last_name\":\"Roe\",\"devices\":[{\"device_type\":\"ios\",\"device_token\":\"t2\"}]}");

        assertThat(reply.status()).isEqualTo(200);
        JsonNode data = bunce.get("/v1/customers/c1").json().path("data");
        assertThat(data.path("last_name").asText()).isEqualTo("Roe");
        assertThat(data.path("first_name").asText()).isEqualTo("Jo");
        assertThat(data.path("devices").findValuesAsText("token")).containsExactly("t1", "t2");
    }

    @Test
    void givenAnUnknownCustomer_whenReadOrPut_then404WithABody() {
        assertThat(bunce.get("/v1/customers/c1").status()).isEqualTo(404);
        Reply reply = bunce.put("/v1/customers/c1", "{\"first_name\":\"Ann\"}");
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().path("success").asBoolean(true)).isFalse();
    }

    @Test
    void givenFiveCustomers_whenListedByTwo_thenTheCursorsLeadThereAndBack() {
        IntStream.rangeClosed(1, 5).forEach(i -> bunce.post("/v1/customers", customer("c" + i, "")));

        JsonNode first = bunce.get("/v1/customers?per_page=2").json();
        JsonNode second = page(first, "next_page_cursor");
        JsonNode third = page(second, "next_page_cursor");

        assertThat(ids(first)).containsExactly("c1", "c2");
        assertThat(first.path("meta").path("has_next_page").asBoolean()).isTrue();
        assertThat(first.path("meta").path("has_prev_page").asBoolean(true)).isFalse();
        assertThat(first.path("meta").path("prev_page_cursor").isNull()).isTrue();
        assertThat(first.path("meta").path("per_page").asInt()).isEqualTo(2);
        assertThat(ids(second)).containsExactly("c3", "c4");
        assertThat(ids(third)).containsExactly("c5");
        assertThat(third.path("meta").path("has_next_page").asBoolean(true)).isFalse();
        assertThat(third.path("meta").path("next_page_cursor").isNull()).isTrue();
        assertThat(ids(page(third, "prev_page_cursor"))).containsExactly("c3", "c4");
    }

    @Test
    void givenAsManyCustomersAsAPageHolds_whenListed_thenThereIsNoNextPage() {
        IntStream.rangeClosed(1, 2).forEach(i -> bunce.post("/v1/customers", customer("c" + i, "")));

        JsonNode only = bunce.get("/v1/customers?per_page=2").json();

        assertThat(ids(only)).containsExactly("c1", "c2");
        assertThat(only.path("meta").path("has_next_page").asBoolean(true)).isFalse();
    }

    @Test
    void givenFilters_whenListed_thenOnlyThoseCustomersAreThere() {
        IntStream.rangeClosed(1, 3).forEach(i -> bunce.post("/v1/customers", customer("c" + i, "")));
        bunce.addDevice("no-profile", "t1");

        assertThat(ids(bunce.get("/v1/customers?customer_ids=c1,c3,c9").json())).containsExactly("c1", "c3");
        assertThat(ids(bunce.get("/v1/customers?emails=c2%40example.com").json()))
                .containsExactly("c2");
        assertThat(ids(bunce.get("/v1/customers?emails=c2@example.com&customer_ids=c1")
                        .json()))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"per_page=many", "cursor=***", "cursor=ZnJvbTp4"})
    void givenABadQuery_whenListed_then422(String query) {
        assertThat(bunce.get("/v1/customers?" + query).status()).isEqualTo(422);
    }

    private JsonNode page(JsonNode from, String cursor) {
        String value = from.path("meta").path(cursor).asText();
        return bunce.get("/v1/customers?per_page=2&cursor=" + value).json();
    }

    private static Iterable<String> ids(JsonNode page) {
        return page.path("data").findValuesAsText("customer_id");
    }
}
