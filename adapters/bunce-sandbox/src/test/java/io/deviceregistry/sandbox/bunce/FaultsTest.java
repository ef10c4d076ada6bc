package io.deviceregistry.sandbox.bunce;

import static io.deviceregistry.sandbox.bunce.Caller.DEVICES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault.Kind;
import io.deviceregistry.sandbox.bunce.Caller.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultsTest extends SandboxTest {

    @Test
    void givenAnErrorBefore_whenCalled_thenThereIsA503AndNoEffect() {
        behave(once(Kind.ERROR_BEFORE));

        assertThat(bunce.addDevice("0000", "t1").status()).isEqualTo(503);

        assertThat(tokens()).isEmpty();
        assertThat(sandbox.requests())
                .extracting(RecordedRequest::status, RecordedRequest::fault)
                .containsExactly(tuple(503, Kind.ERROR_BEFORE));
    }

    @Test
    void givenAnErrorAfter_whenCalled_thenThereIsA500AndTheEffect() {
        behave(once(Kind.ERROR_AFTER));

        assertThat(bunce.addDevice("0000", "t1").status()).isEqualTo(500);

        assertThat(tokens()).containsExactly("t1");
        assertThat(sandbox.requests())
                .extracting(RecordedRequest::status, RecordedRequest::fault)
                .containsExactly(tuple(500, Kind.ERROR_AFTER));
    }

    @Test
    void givenAnErrorAfter_whenTheCallIsRefusedAnyway_thenTheRefusalIsAnswered() {
        behave(once(Kind.ERROR_AFTER));

        assertThat(bunce.withKey("sk_wrong").addDevice("0000", "t1").status()).isEqualTo(401);
    }

    @ParameterizedTest
    @EnumSource(names = {"DROP", "CUT"})
    void givenAnAnswerThatIsTakenAway_whenCalled_thenTheCallerFailsAndTheEffectIsThere(Kind kind) {
        behave(once(kind));

        assertThatThrownBy(() -> bunce.addDevice("0000", "t1")).isInstanceOf(UncheckedIOException.class);

        assertThat(tokens()).containsExactly("t1");
        assertThat(sandbox.requests())
                .extracting(RecordedRequest::status, RecordedRequest::fault)
                .containsExactly(tuple(201, kind));
        assertThat(bunce.addDevice("0000", "t2").status()).isEqualTo(201);
    }

    @Test
    void givenADrop_whenCalled_thenNotAByteIsAnswered() throws IOException {
        behave(once(Kind.DROP));

        assertThat(rawAnswer()).isEmpty();
    }

    @Test
    void givenACut_whenCalled_thenTheHeadAndHalfTheBodyAreAnswered() throws IOException {
        behave(once(Kind.CUT));

        assertThat(rawAnswer()).startsWith("HTTP/1.1 201 Created\r\n").contains("\r\n\r\n{\"devices\":[{\"dev");
        assertThat(rawAnswer()).as("uncut").endsWith("]}");
    }

    @Test
    void givenADribble_whenCalled_thenTheBodyTakesItsTimeAndIsWhole() {
        behave(once(Kind.DRIBBLE).withTime(Duration.ofMillis(300)));

        long before = System.nanoTime();
        Reply reply = bunce.addDevice("0000", "t1");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(250));
        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.json().findValuesAsText("device_token")).containsExactly("t1");
    }

    @Test
    void givenRubbish_whenCalled_thenThereIsA200ThatIsNoJsonAndTheEffect() throws IOException {
        behave(once(Kind.RUBBISH));

        assertThat(rawAnswer()).startsWith("HTTP/1.1 200 OK\r\n").contains("text/html", "<!DOCTYPE html>");
        assertThat(tokens()).containsExactly("t1");
    }

    @Test
    void givenALateEffect_whenTheCallerGivesUp_thenTheCallTakesEffectLater() {
        behave(once(Kind.LATE).withTime(Duration.ofMillis(600)));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Reply> call = threads.submit(() -> bunce.addDevice("0000", "t1"));
            await().until(() -> sandbox.behaviour().faults().isEmpty());
            Instant arrived = now();
            advance(Duration.ofSeconds(20));
            call.cancel(true);
            assertThat(tokens()).isEmpty();

            await().untilAsserted(() -> assertThat(tokens()).containsExactly("t1"));

            assertThat(sandbox.requests())
                    .filteredOn(request -> request.method().equals("POST"))
                    .extracting(RecordedRequest::arrived, RecordedRequest::at, RecordedRequest::fault)
                    .containsExactly(tuple(arrived, arrived.plusSeconds(20), Kind.LATE));
        }
    }

    @Test
    void givenAThrottleInSeconds_whenCalled_thenTheHeaderSaysHowMany() {
        behave(once(Kind.THROTTLE_SECONDS).withTime(Duration.ofSeconds(2)));

        Reply reply = bunce.addDevice("0000", "t1");

        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("Retry-After")).isEqualTo("2");
        assertThat(tokens()).isEmpty();
    }

    @Test
    void givenAThrottleWithADate_whenCalled_thenTheHeaderSaysUntilWhen() {
        behave(once(Kind.THROTTLE_DATE).withTime(Duration.ofSeconds(2)));

        Reply reply = bunce.addDevice("0000", "t1");

        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("Retry-After")).isEqualTo("Fri, 2 Jan 2026 03:04:07 GMT");
        assertThat(tokens()).isEmpty();
    }

    @Test
    void givenSeveralFaults_whenCalled_thenTheyComeInTheirOrderAndEnd() {
        behave(once(Kind.ERROR_AFTER).withTimes(2), once(Kind.ERROR_BEFORE));

        assertThat(statusesOfCalls(4)).containsExactly(500, 500, 503, 201);
    }

    @Test
    void givenAChance_whenTheSameCallsComeAgain_thenTheSameOnesAreCaught() {
        Behaviour mixed = normal().withFaults(
                        List.of(Fault.always(Kind.ERROR_BEFORE).withChance(0.3)))
                .withSeed(7);
        sandbox.behave(mixed);
        List<Integer> first = statusesOfCalls(100);
        sandbox.behave(mixed);

        List<Integer> second = statusesOfCalls(100);

        assertThat(second).isEqualTo(first);
        assertThat(first).filteredOn(status -> status == 503).hasSizeBetween(15, 45);
        sandbox.behave(mixed.withSeed(8));
        assertThat(statusesOfCalls(100)).isNotEqualTo(first);
    }

    private void behave(Fault... faults) {
        sandbox.behave(normal().withFaults(List.of(faults)));
    }

    private static Behaviour normal() {
        return Behaviour.normal().withRequestsPerMinute(0);
    }

    private static Fault once(Kind kind) {
        return Fault.always(kind).withTimes(1);
    }

    private List<Integer> statusesOfCalls(int calls) {
        return IntStream.range(0, calls)
                .mapToObj(i -> bunce.addDevice("0000", "t" + i).status())
                .toList();
    }

    private List<String> tokens() {
        return bunce.get("/sandbox/devices").json().findValuesAsText("device_token");
    }

    private String rawAnswer() throws IOException {
        String body = Caller.oneDevice("ios", "t1");
        String request = Stream.of(
                        "POST " + DEVICES + " HTTP/1.1",
                        "Host: x",
                        "Connection: close",
                        "X-Authorization: " + Caller.API_KEY,
                        "Content-Length: " + body.length(),
                        "",
                        body)
                .reduce((one, next) -> one + "\r\n" + next)
                .orElseThrow();
        try (Socket socket =
                new Socket(sandbox.baseUrl().getHost(), sandbox.baseUrl().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
