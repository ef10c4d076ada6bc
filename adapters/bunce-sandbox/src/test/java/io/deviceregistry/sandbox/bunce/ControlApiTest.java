package io.deviceregistry.sandbox.bunce;

import static io.deviceregistry.sandbox.bunce.Caller.DEVICES;
import static io.deviceregistry.sandbox.bunce.Caller.oneDevice;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.deviceregistry.sandbox.bunce.Behaviour.AnswerShape;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import io.deviceregistry.sandbox.bunce.Behaviour.Refusal;
import io.deviceregistry.sandbox.bunce.Behaviour.Throttle;
import io.deviceregistry.sandbox.bunce.Caller.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlApiTest extends SandboxTest {

    private final Caller person = bunce.withKey("");

    @Test
    void givenCalls_whenTheirRecordIsRead_thenItTellsAllButTheKey() {
        bunce.addDevice("0000", "t1");
        bunce.withKey("sk_wrong").get(DEVICES);

        Reply reply = person.get("/sandbox/requests");

        assertThat(reply.status()).isEqualTo(200);
        JsonNode requests = reply.json().path("requests");
        assertThat(requests).hasSize(2);
        JsonNode first = requests.path(0);
        assertThat(first.fieldNames())
                .toIterable()
                .containsExactly("arrived", "time", "method", "path", "authorized", "body", "status", "fault");
        assertThat(first.path("arrived").asText()).isEqualTo("2026-01-02T03:04:05.678Z");
        assertThat(first.path("time").asText()).isEqualTo("2026-01-02T03:04:05.678Z");
        assertThat(first.path("method").asText()).isEqualTo("POST");
        assertThat(first.path("path").asText()).isEqualTo(DEVICES);
        assertThat(first.path("authorized").asBoolean()).isTrue();
        assertThat(first.path("body").asText()).isEqualTo(oneDevice("android", "t1"));
        assertThat(first.path("status").asInt()).isEqualTo(201);
        assertThat(requests.path(1).path("authorized").asBoolean(true)).isFalse();
        assertThat(requests.path(1).path("status").asInt()).isEqualTo(401);
        assertThat(reply.response().body()).doesNotContain(Caller.API_KEY, "sk_wrong");
        assertThat(sandbox.requests())
                .first()
                .isEqualTo(new RecordedRequest(
                        Instant.parse("2026-01-02T03:04:05.678Z"),
                        Instant.parse("2026-01-02T03:04:05.678Z"),
                        "POST",
                        DEVICES,
                        true,
                        oneDevice("android", "t1"),
                        201,
                        null));
    }

    @Test
    void givenCallsForSeveralCustomers_whenOneIsAskedFor_thenOnlyItsCallsAreThere() {
        bunce.addDevice("a%7C1", "t1");
        bunce.addDevice("a2", "t2");
        bunce.post("/v1/customers", "{\"customer_id\":\"a|1\"}");
        bunce.put("/v1/customers/bulk-update", "{\"customers\":[{\"customer_id\":\"a|1\"}]}");
        bunce.post("/v1/customers", "{\"customer_id\":");

        assertThat(person.get("/sandbox/requests?customer_id=a%7C1").json().findValuesAsText("path"))
                .containsExactly("/v1/customers/a%7C1/devices", "/v1/customers", "/v1/customers/bulk-update");
    }

    @Test
    void givenDevices_whenAllAreRead_thenTheyStandByCustomer() {
        bunce.addDevice("0000", "t1");
        bunce.addDevice("1111", "t2");
        bunce.addDevice("0000", "t3");

        JsonNode devices = person.get("/sandbox/devices").json().path("devices");

        assertThat(devices.fieldNames()).toIterable().containsExactly("0000", "1111");
        assertThat(devices.path("0000").findValuesAsText("device_token")).containsExactly("t1", "t3");
        assertThat(devices.path("1111").path(0).fieldNames())
                .toIterable()
                .containsExactly("device_id", "device_type", "device_token", "created_at");
    }

    @Test
    void givenAFreshSandbox_whenTheBehaviourIsRead_thenItIsNormal() {
        assertThat(person.get("/sandbox/behaviour").json().toString())
                .isEqualTo("{\"delay_ms\":0,\"refuse\":null,\"throttle\":null,\"strict_customers\":false,"
                        + "\"answer_shape\":\"devices\",\"requests_per_minute\":500,\"faults\":[],\"seed\":0}");
    }

    @Test
    void givenAWholeBehaviour_whenPut_thenItIsAnsweredAndCountsDown() {
        String body = "{\"delay_ms\":1,\"refuse\":{\"times\":2,\"status\":500,\"message\":\"Oops\"},"
                + "\"throttle\":{\"times\":1,\"retry_after\":\"7\"},\"strict_customers\":true,"
                + "\"answer_shape\":\"bare_array\",\"requests_per_minute\":9,"
                + "\"faults\":[{\"kind\":\"error_after\",\"chance\":1.0,\"times\":3,\"time_ms\":0},"
                + "{\"kind\":\"late\",\"chance\":0.5,\"times\":null,\"time_ms\":70}],\"seed\":-8}";

        Reply put = person.put("/sandbox/behaviour", body);

        assertThat(put.status()).isEqualTo(200);
        assertThat(put.json().toString()).isEqualTo(body);
        assertThat(bunce.get(DEVICES).header("Retry-After")).isEqualTo("7");
        assertThat(bunce.get(DEVICES).json().path("message").asText()).isEqualTo("Oops");
        assertThat(bunce.get(DEVICES).json().path("message").asText()).isEqualTo("Oops");
        assertThat(bunce.get("/v1/customers").json().path("message").asText()).isEqualTo("Internal Server Error");
        JsonNode now = person.get("/sandbox/behaviour").json();
        assertThat(now.path("throttle").isNull()).isTrue();
        assertThat(now.path("refuse").isNull()).isTrue();
        assertThat(now.at("/faults/0/times").asInt()).isEqualTo(2);
    }

    @Test
    void givenABehaviour_whenSomeMembersArePut_thenTheOthersAreNormalAgain() {
        sandbox.behave(Behaviour.normal().withStrictCustomers(true).withDelay(Duration.ofMillis(1)));

        person.put(
                "/sandbox/behaviour",
                "{\"answer_shape\":\"envelope\",\"refuse\":{\"status\":401},\"throttle\":{\"retry_after\":3}}");

        JsonNode now = person.get("/sandbox/behaviour").json();
        assertThat(now.path("strict_customers").asBoolean(true)).isFalse();
        assertThat(now.path("delay_ms").asInt(1)).isZero();
        assertThat(now.path("answer_shape").asText()).isEqualTo("envelope");
        assertThat(now.path("refuse").path("times").isNull()).isTrue();
        assertThat(now.path("refuse").path("status").asInt()).isEqualTo(401);
        assertThat(now.path("throttle").path("retry_after").asText()).isEqualTo("3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"dealy_ms\":1};dealy_ms",
                "{\"refuse\":{\"count\":1}};count",
                "{\"throttle\":{\"after\":1}};after",
                "{\"delay_ms\":\"1\"};delay_ms",
                "{\"delay_ms\":-1};delay_ms",
                "{\"delay_ms\":1.5};delay_ms",
                "{\"refuse\":7};refuse",
                "{\"refuse\":{\"times\":0}};times",
                "{\"refuse\":{\"status\":99}};status",
                "{\"refuse\":{\"message\":7}};message",
                "{\"throttle\":{\"retry_after\":true}};retry_after",
                "{\"strict_customers\":\"yes\"};strict_customers",
                "{\"answer_shape\":\"DEVICES\"};answer_shape",
                "{\"requests_per_minute\":null};requests_per_minute",
                "{\"faults\":{}};faults",
                "{\"faults\":[{\"kind\":\"fire\"}]};kind",
                "{\"faults\":[{}]};kind",
                "{\"faults\":[{\"kind\":\"drop\",\"odds\":1}]};odds",
                "{\"faults\":[{\"kind\":\"drop\",\"chance\":0}]};chance",
                "{\"faults\":[{\"kind\":\"drop\",\"chance\":1.1}]};chance",
                "{\"faults\":[{\"kind\":\"drop\",\"chance\":\"1\"}]};chance",
                "{\"faults\":[{\"kind\":\"drop\",\"times\":0}]};times",
                "{\"faults\":[{\"kind\":\"late\",\"time_ms\":-1}]};time_ms",
                "{\"seed\":0.5};seed",
                "[];object",
                "{;JSON"
            })
    void givenAWrongMember_whenTheBehaviourIsPut_then400NamesItAndNothingChanges(String body, String member) {
        sandbox.behave(Behaviour.normal().withStrictCustomers(true));

        Reply reply = person.put("/sandbox/behaviour", body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().path("message").asText()).contains(member);
        assertThat(person.get("/sandbox/behaviour")
                        .json()
                        .path("strict_customers")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void givenAUsedSandbox_whenItForgets_thenItIsAsAfterAFirstStart() {
        bunce.addDevice("0000", "t1");
        sandbox.behave(new Behaviour(
                Duration.ZERO,
                new Refusal(null, 500, ""),
                new Throttle(1, "1"),
                true,
                AnswerShape.ENVELOPE,
                1,
                List.of(Fault.always(Fault.Kind.DROP)),
                1));
        bunce.get(DEVICES);

        Reply reply = person.send("DELETE", "/sandbox", null);

        assertThat(reply.status()).isEqualTo(204);
        assertThat(person.get("/sandbox/devices").json().path("devices")).isEmpty();
        assertThat(person.get("/sandbox/requests").json().path("requests")).isEmpty();
        assertThat(bunce.get("/v1/customers/0000").status()).isEqualTo(404);
        assertThat(bunce.addDevice("0000", "t1").status()).isEqualTo(201);
    }

    @Test
    void givenTheSandboxsOwnPaths_whenTheyAreWrong_thenTheyAreRefusedAndNotRecorded() {
        assertThat(person.get("/sandbox/nothing").status()).isEqualTo(404);
        assertThat(person.send("POST", "/sandbox/behaviour", "{}").status()).isEqualTo(405);
        assertThat(person.put("/sandbox/behaviour", " ".repeat((1 << 20) + 1)).status())
                .isEqualTo(413);
        assertThat(sandbox.requests()).isEmpty();
    }
}
