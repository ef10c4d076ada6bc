package io.deviceregistry.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the service is, and streams to and from one that falls silent. */
@Timeout(30)
class RegistryApiTest {
    private static final Duration SILENCE = Duration.ofSeconds(1);

    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private final RegistryApi api;

    RegistryApiTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api = RegistryApi.of(
                Map.of("REGISTRY_API_KEY", "key"),
                "http://localhost:" + server.getAddress().getPort(),
                SILENCE);
    }

    private void serve(Answer answer) {
        server.createContext("/", exchange -> {
            try {
                answer.to(exchange);
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() {
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
        threads.close();
    }

    @Test
    void what_is_no_address_of_a_service_is_refused_by_the_name_under_which_it_was_given() {
        Map<String, String> environment = Map.of("REGISTRY_API_KEY", "key", "REGISTRY_URL", "localhost:8080");

        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> RegistryApi.of(environment, null))
                .withMessage("REGISTRY_URL is not an address of the kind http://localhost:8080.");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> RegistryApi.of(environment, "localhost:8080"))
                .withMessage("--url is not an address of the kind http://localhost:8080.");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> RegistryApi.of(environment, "http://localhost:8080?x"))
                .withMessage("--url is not an address of the kind http://localhost:8080.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/registry", "/registry/"})
    void given_an_address_with_a_path_then_the_service_is_below_that(String path) {
        serve(exchange -> {
            byte[] answer = ("{\"asked\":\"" + exchange.getRequestURI() + "\"}").getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        RegistryApi below =
                RegistryApi.of(Map.of("REGISTRY_API_KEY", "key"), api.at(path).toString());

        assertThat(below.get("/v1/sync?x=1").path("asked").asText()).isEqualTo("/registry/v1/sync?x=1");
    }

    @Test
    void an_upload_whose_answer_does_not_come_is_given_up() {
        serve(exchange -> exchange.getRequestBody().readAllBytes());

        assertThatExceptionOfType(RefusedException.Unavailable.class)
                .isThrownBy(
                        () -> api.upload("/", new ByteArrayInputStream(new byte[10]), 10, "Content-Type", "text/csv"))
                .withMessageContaining("said nothing for 1 s");
    }

    @Test
    void an_upload_that_nobody_takes_is_given_up() {
        serve(_ -> {});

        assertThatExceptionOfType(RefusedException.Unavailable.class)
                .isThrownBy(() -> api.upload("/", endless(), -1, "Content-Type", "text/csv"))
                .withMessageContaining("took nothing");
    }

    private static InputStream endless() {
        return new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                return length;
            }
        };
    }

    @Test
    void a_source_may_be_as_slow_as_it_likes() {
        serve(exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("{}".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        InputStream slow = new FilterInputStream(new ByteArrayInputStream(new byte[1])) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                long until = System.nanoTime() + SILENCE.toNanos() * 3 / 2;
                while (System.nanoTime() < until) {
                    LockSupport.parkNanos(until - System.nanoTime());
                }
                return super.read(buffer, offset, length);
            }
        };

        assertThat(api.upload("/", slow, -1, "Content-Type", "text/csv")).isEmpty();
    }

    @Test
    void a_download_that_falls_silent_breaks_off() throws IOException {
        serve(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
        });

        try (InputStream body = api.download("/", "text/csv").body()) {
            assertThat(body.read()).isEqualTo('x');
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(body::read)
                    .withMessageContaining("said nothing for 1 s");
        }
    }
}
