package io.deviceregistry.sandbox.bunce;

import static io.deviceregistry.sandbox.bunce.Caller.DEVICES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import io.deviceregistry.sandbox.bunce.Behaviour.Refusal;
import io.deviceregistry.sandbox.bunce.Behaviour.Throttle;
import io.deviceregistry.sandbox.bunce.Caller.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BehaviourTest extends SandboxTest {

    @Test
    void givenADelay_whenCalled_thenTheAnswerIsHeldBack() {
        sandbox.behave(Behaviour.normal().withDelay(Duration.ofMillis(300)));

        long before = System.nanoTime();
        Reply reply = bunce.addDevice("0000", "t1");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        assertThat(reply.status()).isEqualTo(201);
    }

    @Test
    void givenADelay_whenTheCallerGivesUp_thenTheCallHasTakenEffect() {
        sandbox.behave(Behaviour.normal().withDelay(Duration.ofMinutes(10)));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Reply> call = threads.submit(() -> bunce.addDevice("0000", "t1"));
            await().until(() -> !sandbox.requests().isEmpty());

            assertThat(call.isDone()).isFalse();
            call.cancel(true);

            assertThat(sandbox.requests()).extracting(RecordedRequest::status).containsExactly(201);
            assertThat(bunce.get("/sandbox/devices").json().findValuesAsText("device_token"))
                    .containsExactly("t1");
        }
    }

    @Test
    void givenADelay_whenTheSandboxCloses_thenItDoesNotWaitForIt() {
        sandbox.behave(Behaviour.normal().withDelay(Duration.ofMinutes(10)));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Reply> call = threads.submit(() -> bunce.addDevice("0000", "t1"));
            await().until(() -> !sandbox.requests().isEmpty());

            assertTimeoutPreemptively(Duration.ofSeconds(20), sandbox::close);

            await().until(call::isDone);
        }
    }

    @Test
    void givenARefusalOfTwo_whenCalledThreeTimes_thenTheThirdIsServed() {
        sandbox.behave(Behaviour.normal().withRefusal(new Refusal(2, 503, "Bunce is down")));

        List<Reply> replies = Stream.of("t1", "t2", "t3")
                .map(token -> bunce.addDevice("0000", token))
                .toList();

        assertThat(replies).extracting(Reply::status).containsExactly(503, 503, 201);
        assertThat(replies.getFirst().json().toString()).isEqualTo("{\"success\":false,\"message\":\"Bunce is down\"}");
        assertThat(bunce.get(DEVICES).json().findValuesAsText("token")).containsExactly("t3");
        assertThat(sandbox.requests()).extracting(RecordedRequest::status).containsExactly(503, 503, 201, 200);
    }

    @Test
    void givenARefusalWithoutEnd_whenCalledOften_thenAllAreRefusedUntilItIsLifted() {
        sandbox.behave(Behaviour.normal().withRefusal(new Refusal(null, 200, "No")));

        for (int i = 0; i < 5; i++) {
            Reply reply = bunce.addDevice("0000", "t" + i);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.json().path("success").asBoolean(true)).isFalse();
        }
        sandbox.behave(Behaviour.normal());

        assertThat(bunce.get(DEVICES).json().path("data")).isEmpty();
    }

    @Test
    void givenAThrottleOfTwo_whenCalledThreeTimes_thenTheFirstTwoAreTurnedAwayWithTheTextGiven() {
        sandbox.behave(Behaviour.normal().withThrottle(new Throttle(2, "Wed, 21 Oct 2026 07:28:00 GMT")));

        Reply first = bunce.addDevice("0000", "t1");
        Reply second = bunce.addDevice("0000", "t1");
        Reply third = bunce.addDevice("0000", "t1");

        assertThat(first.status()).isEqualTo(429);
        assertThat(first.header("Retry-After")).isEqualTo("Wed, 21 Oct 2026 07:28:00 GMT");
        assertThat(first.json().path("message").asText()).isEqualTo("You have reached maximum request limit.");
        assertThat(second.status()).isEqualTo(429);
        assertThat(third.status()).isEqualTo(201);
        assertThat(third.header("Retry-After")).isEmpty();
    }

    @Test
    void givenAThrottleWithoutText_whenCalled_thenThereIsNoHeader() {
        sandbox.behave(Behaviour.normal().withThrottle(new Throttle(1, null)));

        Reply reply = bunce.addDevice("0000", "t1");

        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("Retry-After")).isEmpty();
    }

    @Test
    void givenAThrottleAndARefusal_whenCalled_thenTheThrottleComesFirst() {
        sandbox.behave(
                Behaviour.normal().withRefusal(new Refusal(1, 500, "Oops")).withThrottle(new Throttle(1, "1")));

        assertThat(Stream.of("t1", "t2", "t3")
                        .map(token -> bunce.addDevice("0000", token).status()))
                .containsExactly(429, 500, 201);
    }

    @Test
    void givenStrictCustomers_whenTheCustomerIsUnknown_thenEveryDeviceCallIs404() {
        sandbox.behave(Behaviour.normal().withStrictCustomers(true));

        Reply added = bunce.addDevice("0000", "t1");

        assertThat(added.status()).isEqualTo(404);
        assertThat(added.json().path("success").asBoolean(true)).isFalse();
        assertThat(added.json().path("message").asText()).isNotBlank();
        assertThat(bunce.get(DEVICES).status()).isEqualTo(404);
        assertThat(bunce.patch(DEVICES, "{\"current_device_token\":\"t1\"}")
                        .json()
                        .path("message")
                        .asText())
                .isEqualTo("Customer not found");
    }

    @Test
    void givenStrictCustomers_whenTheCustomerWasCreated_thenItsDevicesAreAccepted() {
        sandbox.behave(Behaviour.normal().withStrictCustomers(true));
        bunce.post("/v1/customers", """
                {"customer_id":"0000","email":"a@b.c","first_name":"A","last_name":"B","phone_no":"1"}""");

        assertThat(bunce.addDevice("0000", "t1").status()).isEqualTo(201);
        assertThat(bunce.get(DEVICES).status()).isEqualTo(200);
    }

    @Test
    void givenARefusalOfFifty_whenTwoHundredCallAtOnce_thenExactlyFiftyAreRefused() throws Exception {
        sandbox.behave(Behaviour.normal().withRefusal(new Refusal(50, 503, "Busy")));

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> calls = Stream.<Callable<Integer>>generate(
                            () -> () -> bunce.addDevice("0000", "t").status())
                    .limit(200)
                    .toList();
            List<Future<Integer>> statuses = threads.invokeAll(calls);

            assertThat(statuses)
                    .extracting(Future::get)
                    .filteredOn(status -> status == 503)
                    .hasSize(50);
        }
        assertThat(sandbox.requests()).hasSize(200);
        assertThat(bunce.get("/sandbox/devices").json().findValues("device_id")).hasSize(150);
    }

    @Test
    void givenImpossibleValues_whenABehaviourIsMade_thenTheFaultIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Behaviour.normal().withDelay(Duration.ofMillis(-1)))
                .withMessageContaining("delay");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Behaviour.normal().withRequestsPerMinute(-1))
                .withMessageContaining("requests_per_minute");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Refusal(0, 500, ""))
                .withMessageContaining("times");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Refusal(1, 204, ""))
                .withMessageContaining("status");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Throttle(1, "a\r\nb"))
                .withMessageContaining("retry_after");
        Fault fault = Fault.always(Fault.Kind.LATE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fault.withChance(Double.NaN))
                .withMessageContaining("chance");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fault.withTimes(0))
                .withMessageContaining("times");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fault.withTime(Duration.ofMillis(-1)))
                .withMessageContaining("time_ms");
    }
}
