package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.sandbox.bunce.Behaviour;
import io.deviceregistry.sandbox.bunce.BunceSandbox;
import io.deviceregistry.sandbox.bunce.SandboxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final byte[] REQUEST =
            "GET /v1/customers HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final BunceSandbox bunce = BunceSandbox.start(new SandboxOptions(0, "sk_test_wire", null));
    private final Wire wire = new Wire(bunce.baseUrl().getPort());
    private Socket service;

    @BeforeEach
    void connect() throws IOException {
        service = new Socket(InetAddress.getLoopbackAddress(), wire.port());
        service.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws IOException {
        service.close();
        wire.close();
        bunce.close();
    }

    @Test
    void given_an_open_wire_when_requests_are_sent_then_they_are_answered() throws IOException {
        send();
        assertThat(answer()).isEqualTo("HTTP/1.1 401");
    }

    @Test
    void given_a_resetting_wire_when_a_request_is_sent_then_it_arrives_and_its_answer_is_lost_in_a_reset()
            throws IOException {
        wire.set(Wire.Mode.RESETTING);

        send();

        assertThatThrownBy(this::answer).isInstanceOf(SocketException.class).hasMessageContaining("reset");
        assertThat(bunce.requests()).hasSize(1);
        assertThat(wire.resets()).isOne();
    }

    @Test
    void given_a_deaf_wire_when_it_opens_again_then_what_was_sent_is_lost_and_the_connection_stays_half_open()
            throws IOException {
        wire.set(Wire.Mode.DEAF);
        send();
        await().until(() -> wire.lost() == 1);

        wire.set(Wire.Mode.OPEN);
        send();

        service.setSoTimeout(200);
        assertThatThrownBy(this::answer).isInstanceOf(SocketTimeoutException.class);
        assertThat(bunce.requests()).isEmpty();
        connect();
        send();
        assertThat(answer()).isEqualTo("HTTP/1.1 401");
    }

    @Test
    void given_a_mute_wire_when_a_request_is_sent_then_it_arrives_and_its_answer_waits() throws IOException {
        bunce.behave(Behaviour.normal());
        wire.set(Wire.Mode.MUTE);
        send();
        await().until(() -> wire.held() == 1);
        assertThat(bunce.requests()).hasSize(1);

        wire.set(Wire.Mode.OPEN);

        assertThat(answer()).isEqualTo("HTTP/1.1 401");
        assertThat(wire.held()).isZero();
    }

    @Test
    void given_a_connection_when_all_are_reset_then_it_is() throws IOException {
        send();
        answer();

        wire.reset();

        assertThatThrownBy(() -> service.getInputStream().readAllBytes())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    private void send() throws IOException {
        service.getOutputStream().write(REQUEST);
    }

    private String answer() throws IOException {
        return new String(service.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }
}
