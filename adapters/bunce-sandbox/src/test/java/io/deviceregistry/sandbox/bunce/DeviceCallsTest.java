package io.deviceregistry.sandbox.bunce;

import static io.deviceregistry.sandbox.bunce.Caller.DEVICES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.sandbox.bunce.Behaviour.AnswerShape;
import io.deviceregistry.sandbox.bunce.Caller.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceCallsTest extends SandboxTest {

    private static final String TWO_DEVICES = """
            {"devices":[{"device_type":"android","device_token":"874jwejfoiowef5974594"},
                        {"device_type":"ios","device_token":"112bbwe348u9839845945675464"}]}""";

    @Test
    void givenTwoDevices_whenPosted_thenTheAnswerHasTheFoundingShape() {
        Reply reply = bunce.post(DEVICES, TWO_DEVICES);

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.json().fieldNames()).toIterable().containsExactly("devices");
        assertThat(reply.json().path("devices")).hasSize(2);
        JsonNode first = reply.json().path("devices").path(0);
        assertThat(first.fieldNames()).toIterable().containsExactly("device_id", "device_type", "device_token");
        assertThat(first.path("device_id").asText()).matches("[0-9a-f]{12}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{8}");
        assertThat(first.path("device_type").asText()).isEqualTo("android");
        assertThat(first.path("device_token").asText()).isEqualTo("874jwejfoiowef5974594");
    }

    @Test
    void givenTheEnvelopeShape_whenPosted_thenDataHasTheClientsMembers() {
        sandbox.behave(Behaviour.normal().withAnswerShape(AnswerShape.ENVELOPE));

        JsonNode json = bunce.post(DEVICES, TWO_DEVICES).json();

        assertThat(json.path("success").isBoolean()).isTrue();
        assertThat(json.path("success").asBoolean()).isTrue();
        assertThat(json.path("message").asText()).isNotBlank();
        JsonNode second = json.path("data").path(1);
        assertThat(second.fieldNames()).toIterable().containsExactly("device_id", "device_type", "token", "created_at");
        assertThat(second.path("token").asText()).isEqualTo("112bbwe348u9839845945675464");
        assertThat(second.path("created_at").asText()).isEqualTo("2026-01-02T03:04:05.678Z");
    }

    @Test
    void givenTheBareShape_whenPosted_thenTheAnswerIsAnArray() {
        sandbox.behave(Behaviour.normal().withAnswerShape(AnswerShape.BARE_ARRAY));

        JsonNode json = bunce.post(DEVICES, TWO_DEVICES).json();

        assertThat(json.isArray()).isTrue();
        assertThat(json.path(1).path("device_token").asText()).isEqualTo("112bbwe348u9839845945675464");
    }

    @Test
    void givenADevice_whenListed_thenItHasTheClientsShape() {
        String id = bunce.addDevice("0000", "t1")
                .json()
                .path("devices")
                .path(0)
                .path("device_id")
                .asText();

        Reply reply = bunce.get(DEVICES);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().path("success").asBoolean()).isTrue();
        assertThat(reply.json().path("data")).hasSize(1);
        assertThat(reply.json().path("data").path(0).toString())
                .isEqualTo(
                        "{\"device_id\":\"" + id
                                + "\",\"device_type\":\"android\",\"token\":\"t1\",\"created_at\":\"2026-01-02T03:04:05.678Z\"}");
    }

    @Test
    void givenATokenPostedTwice_whenListed_thenThereAreTwoDevices() {
        bunce.addDevice("0000", "t1");
        bunce.addDevice("0000", "t1");

        assertThat(bunce.get(DEVICES).json().path("data").findValuesAsText("device_id"))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    @Test
    void givenAnUnknownCustomer_whenListed_thenTheListIsEmpty() {
        Reply reply = bunce.get("/v1/customers/nobody/devices");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().path("data").isArray()).isTrue();
        assertThat(reply.json().path("data")).isEmpty();
    }

    @Test
    void givenAnIdWithReservedCharacters_whenPosted_thenItIsDecodedOnce() {
        bunce.addDevice("auth0%7C5%2Ff+7%2541", "t1");

        assertThat(bunce.get("/sandbox/devices").json().path("devices").fieldNames())
                .toIterable()
                .containsExactly("auth0|5/f+7%41");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{};devices",
                "[];object",
                "{\"devices\":[]};devices",
                "{\"devices\":{}};devices",
                "{\"devices\":[7]};devices.0",
                "{\"devices\":[{\"device_token\":\"t\"}]};devices.0.device_type",
                "{\"devices\":[{\"device_type\":\"web\",\"device_token\":\"t\"}]};devices.0.device_type",
                "{\"devices\":[{\"device_type\":\"iOS\",\"device_token\":\"t\"}]};devices.0.device_type",
                "{\"devices\":[{\"device_type\":\"ios\"}]};devices.0.device_token",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":\" \"}]};devices.0.device_token",
                "{\"devices\":[{\"device_type\":\"ios\",\"device_token\":5}]};devices.0.device_token"
            })
    void givenAWrongMember_whenPosted_then422NamesItAndNothingIsStored(String body, String member) {
        Reply reply = bunce.post(DEVICES, body);

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.json().path("success").isBoolean()).isTrue();
        assertThat(reply.json().path("success").asBoolean()).isFalse();
        assertThat(reply.json().path("message").asText()).contains(member);
        assertThat(bunce.get("/sandbox/devices").json().path("devices")).isEmpty();
    }

    @Test
    void givenOneWrongEntryAmongGoodOnes_whenPosted_thenNoneIsStored() {
        Reply reply = bunce.post(DEVICES, TWO_DEVICES.replace("\"ios\"", "\"web\""));

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.json().path("message").asText()).contains("devices.1.device_type");
        assertThat(bunce.get(DEVICES).json().path("data")).isEmpty();
    }

    @Test
    void givenADevice_whenItsTokenAndTypeArePatched_thenTheSameDeviceHasThem() {
        String id = bunce.addDevice("0000", "t1").json().findValue("device_id").asText();

        Reply reply = bunce.patch(
                DEVICES, "{\"current_device_token\":\"t1\",\"device_token\":\"t2\",\"device_type\":\"ios\"}");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().path("data").isBoolean()).isTrue();
        assertThat(reply.json().path("data").asBoolean()).isTrue();
        JsonNode devices = bunce.get(DEVICES).json().path("data");
        assertThat(devices).hasSize(1);
        assertThat(devices.path(0).path("device_id").asText()).isEqualTo(id);
        assertThat(devices.path(0).path("token").asText()).isEqualTo("t2");
        assertThat(devices.path(0).path("device_type").asText()).isEqualTo("ios");
    }

    @Test
    void givenTheEnvelopeShape_whenPatched_thenTheAnswerIsTheDevice() {
        sandbox.behave(Behaviour.normal().withAnswerShape(AnswerShape.ENVELOPE));
        bunce.addDevice("0000", "t1");

        Reply reply = bunce.patch(DEVICES, "{\"current_device_token\":\"t1\",\"device_token\":\"t2\"}");

        assertThat(reply.json().path("data").path("token").asText()).isEqualTo("t2");
    }

    @Test
    void givenTwoDevicesWithOneToken_whenPatched_thenTheOlderChanges() {
        String older =
                bunce.addDevice("0000", "t1").json().findValue("device_id").asText();
        bunce.addDevice("0000", "t1");

        bunce.patch(DEVICES, "{\"current_device_token\":\"t1\",\"device_token\":\"t2\"}");

        JsonNode devices = bunce.get(DEVICES).json().path("data");
        assertThat(devices.findValuesAsText("token")).containsExactly("t2", "t1");
        assertThat(devices.path(0).path("device_id").asText()).isEqualTo(older);
    }

    @Test
    void givenNullMembers_whenPatched_thenTheyAreLeftAlone() {
        bunce.addDevice("0000", "t1");

        Reply reply =
                bunce.patch(DEVICES, "{\"current_device_token\":\"t1\",\"device_token\":null,\"device_type\":null}");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(bunce.get(DEVICES).json().path("data").findValuesAsText("token"))
                .containsExactly("t1");
    }

    @Test
    void givenAnotherCustomersToken_whenPatched_then404AndNothingChanges() {
        bunce.addDevice("1111", "t1");

        Reply reply = bunce.patch(DEVICES, "{\"current_device_token\":\"t1\",\"device_token\":\"t2\"}");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().path("success").asBoolean(true)).isFalse();
        assertThat(reply.json().path("message").asText()).isNotBlank();
        assertThat(bunce.get("/v1/customers/1111/devices").json().path("data").findValuesAsText("token"))
                .containsExactly("t1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"device_token\":\"t2\"};current_device_token",
                "{\"current_device_token\":\"t1\",\"device_type\":\"web\"};device_type",
                "{\"current_device_token\":\"t1\",\"device_token\":\"\"};device_token",
                "{\"current_device_token\":\"t1\",\"device_token\":7};device_token"
            })
    void givenAWrongMember_whenPatched_then422NamesItAndNothingChanges(String body, String member) {
        bunce.addDevice("0000", "t1");

        Reply reply = bunce.patch(DEVICES, body);

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.json().path("message").asText()).startsWith(member + " ");
        assertThat(bunce.get(DEVICES).json().findValuesAsText("token")).containsExactly("t1");
    }
}
