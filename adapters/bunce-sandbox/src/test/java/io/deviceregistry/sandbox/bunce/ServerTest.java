package io.deviceregistry.sandbox.bunce;

import static io.deviceregistry.sandbox.bunce.Caller.DEVICES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.deviceregistry.sandbox.bunce.Caller.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTest extends SandboxTest {

    @Test
    void givenAnyFreePort_whenStarted_thenTheBaseUrlIsOnLoopbackAndEndsInV1() {
        assertThat(sandbox.baseUrl().toString()).matches("http://127\\.0\\.0\\.1:[1-9][0-9]*/v1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sk_wrong", "Bearer " + Caller.API_KEY})
    void givenAMissingOrWrongKey_whenCalled_then401WithABodyAndNoEffect(String key) {
        Reply reply = bunce.withKey(key).addDevice("0000", "t1");

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.json().path("success").asBoolean(true)).isFalse();
        assertThat(reply.json().path("message").asText()).isNotBlank();
        assertThat(bunce.get(DEVICES).json().path("data")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/nothing, 404",
        "GET, /, 404",
        "GET, /v1/customers/, 404",
        "GET, /v1/customers//devices, 404",
        "GET, /v1/customers/0000/devices/1, 404",
        "DELETE, /v1/customers/0000/devices, 405",
        "DELETE, /v1/customers/0000, 405",
        "GET, /v1/customers/bulk-update/devices, 200",
        "POST, /v1/customers/bulk-update, 405",
        "PUT, /v1/customers, 405"
    })
    void givenAPathAndAMethod_whenCalled_thenTheStatusTellsWhichIsWrong(String method, String path, int status) {
        Reply reply = bunce.send(method, path, null);

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.json().path("message").asText()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"devices\":[]} trailing", "devices"})
    void givenMalformedJson_whenPosted_then400WithABodyThatDoesNotRepeatIt(String body) {
        Reply reply = bunce.post(DEVICES, body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().toString())
                .isEqualTo("{\"success\":false,\"message\":\"The request body is not valid JSON\"}");
    }

    @Test
    void givenABodyOfMoreThanAMebibyte_whenPosted_then413() {
        String longest = Caller.oneDevice("ios", "t");
        longest += " ".repeat((1 << 20) - longest.length());

        assertThat(bunce.post(DEVICES, longest).status()).isEqualTo(201);
        Reply reply = bunce.post(DEVICES, longest + " ");

        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.json().path("success").asBoolean(true)).isFalse();
        assertThat(sandbox.requests().getLast().body()).isEmpty();
    }

    @Test
    void givenASenderThatWritesAllBeforeItReads_whenTheBodyIsFarTooLarge_thenItStillGetsItsAnswer() throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(head(20 << 20));
            out.write(new byte[20 << 20]);

            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 413");
        }
    }

    @Test
    void givenTwoHundredParallelCallsForOneCustomer_whenTheyEnd_thenAllAreServedAndRecorded() throws Exception {
        List<Callable<Integer>> calls = IntStream.range(0, 200)
                .<Callable<Integer>>mapToObj(i -> () ->
                        bunce.post(DEVICES, manyDevices("t" + i + "-", 100)).status())
                .toList();

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(threads.invokeAll(calls)).extracting(Future::get).containsOnly(201);
        }

        assertThat(sandbox.requests()).hasSize(200);
        assertThat(bunce.get("/sandbox/devices").json().findValuesAsText("device_token"))
                .hasSize(20_000)
                .doesNotHaveDuplicates();
    }

    @Test
    void givenAPortInUse_whenStarted_thenTheSentenceNamesIt() {
        int port = sandbox.baseUrl().getPort();

        assertThatThrownBy(() -> BunceSandbox.start(new SandboxOptions(port, Caller.API_KEY, null)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("The Bunce sandbox cannot listen on port " + port + ": Address already in use.");
    }

    @Test
    void givenAClosedSandbox_whenClosedAgain_thenNothingHappensAndThePortIsFree() {
        bunce.addDevice("0000", "t1");
        sandbox.close();

        assertThatCode(sandbox::close).doesNotThrowAnyException();
        assertThat(sandbox.requests()).hasSize(1);
        assertThatThrownBy(() -> bunce.get(DEVICES)).isInstanceOf(UncheckedIOException.class);
        int port = sandbox.baseUrl().getPort();
        try (BunceSandbox next = BunceSandbox.start(new SandboxOptions(port, Caller.API_KEY, null))) {
            assertThat(next.baseUrl()).isEqualTo(sandbox.baseUrl());
        }
    }

    @Test
    void givenARequestThatIsHalfSent_whenTheSandboxCloses_thenItDoesNotWaitForTheRest() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(head(9));
            socket.getOutputStream().write('{');
            // Connections are taken in turn, so the half request has arrived when this one is answered.
            bunce.get(DEVICES);

            assertTimeoutPreemptively(Duration.ofSeconds(20), sandbox::close);
        }
    }

    @Test
    void givenImpossibleOptions_whenMade_thenTheFaultIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SandboxOptions(65_536, "key", null))
                .withMessageContaining("65536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SandboxOptions(0, " ", null))
                .withMessageContaining("API key");
        assertThat(new SandboxOptions(0, "sk_secret", null).toString()).doesNotContain("sk_secret");
    }

    private Socket connect() throws IOException {
        return new Socket(sandbox.baseUrl().getHost(), sandbox.baseUrl().getPort());
    }

    private static byte[] head(int contentLength) {
        return ("POST " + DEVICES + " HTTP/1.1\r\nHost: x\r\nX-Authorization: " + Caller.API_KEY
                        + "\r\nContent-Length: " + contentLength + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String manyDevices(String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"device_type\":\"ios\",\"device_token\":\"" + prefix + i + "\"}")
                .collect(Collectors.joining(",", "{\"devices\":[", "]}"));
    }
}
