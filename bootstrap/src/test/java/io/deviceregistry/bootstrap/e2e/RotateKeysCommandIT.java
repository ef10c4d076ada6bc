package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.deviceregistry.bootstrap.e2e.CommandLineRun.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * {@code ./registry rotate-keys} as a person types it, with a service that answers as each test wants it; {@link KeyRotationIT}
 * has a real one.
 */
class RotateKeysCommandIT {
    private static final Map<String, String> KEY = Map.of("REGISTRY_API_KEY", Deployment.API_KEY);

    private static CommandLineRun command(URI service, String... arguments) throws IOException {
        return CommandLineRun.of(service, KEY, "rotate-keys", arguments);
    }

    private static String told(String formerState, int left) {
        return """
                {"encryption_keys":[
                 {"key_id":"aaaaaaaa","state":"ACTIVE","last_used_at":"2026-03-01T14:00:00.123Z","devices":%d,"device_syncs":0,
                  "answers":0,"import_chunks":0},
                 {"key_id":"bbbbbbbb","state":"%s","last_used_at":"2026-03-01T12:00:00Z","devices":%d,"device_syncs":0,
                  "answers":7,"import_chunks":0}]}""".formatted(1_000 - left, formerState, left);
    }

    /** A service that answers with these, one after the other, and with the last one again and again; an empty one is an error. */
    private static HttpServer standIn(CountDownLatch asked, String... answers) throws IOException {
        AtomicInteger number = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String answer = answers[Math.min(number.getAndIncrement(), answers.length - 1)];
            byte[] json = (answer.isEmpty() ? "{}" : answer).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.isEmpty() ? 503 : 200, json.length);
            exchange.getResponseBody().write(json);
            exchange.close();
            asked.countDown();
        });
        server.start();
        return server;
    }

    private static URI url(HttpServer server) {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    @Test
    void whoever_watches_is_told_what_is_waited_for_and_outlasts_a_restart() throws Exception {
        HttpServer server = standIn(
                new CountDownLatch(1),
                told("ACTIVE", 1_000),
                told("DECRYPT_ONLY", 1_000),
                "",
                told("DECRYPT_ONLY", 0),
                told("RETIRED", 0));

        Result result = command(url(server)).result();
        server.stop(0);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err())
                .contains(
                        "Replicas encrypt with several keys (aaaaaaaa, bbbbbbbb)",
                        "bbbbbbbb is needed until",
                        "(2026-03-01T12:00:00Z), and until 7 answers");
    }

    @Test
    void without_another_key_that_is_needed_it_ends_at_once() throws Exception {
        HttpServer server = standIn(new CountDownLatch(1), told("RETIRED", 0), "");

        Result result = command(url(server)).result();
        server.stop(0);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("aaaaaaaa  ACTIVE", "bbbbbbbb  RETIRED", "No key is needed but aaaaaaaa");
    }

    @Test
    void a_terminal_shows_a_bar() throws Exception {
        HttpServer server = standIn(
                new CountDownLatch(1),
                told("DECRYPT_ONLY", 900),
                told("DECRYPT_ONLY", 400),
                told("DECRYPT_ONLY", 0),
                told("RETIRED", 0));

        Result result = CommandLineRun.onTerminal(
                        url(server), KEY, "rotate-keys", "--url", url(server).toString())
                .result();
        server.stop(0);

        assertThat(result.code()).as(result.out()).isZero();
        assertThat(result.out())
                .contains("Encrypted anew", " 60% [", "100% [", "1000/1000 rows", "rows/s")
                .contains("bbbbbbbb is needed until", "7 answers", "No key is needed but aaaaaaaa");
    }

    @Test
    void elsewhere_a_line_is_told_now_and_then_with_the_time_that_is_left() throws Exception {
        CountDownLatch asked = new CountDownLatch(8);
        HttpServer server = standIn(
                asked,
                told("DECRYPT_ONLY", 900),
                told("DECRYPT_ONLY", 800),
                told("DECRYPT_ONLY", 700),
                told("DECRYPT_ONLY", 600),
                told("DECRYPT_ONLY", 500),
                told("DECRYPT_ONLY", 400));

        CommandLineRun run = command(url(server));
        asked.await();
        run.interrupt();
        Result result = run.result();
        server.stop(0);

        assertThat(result.code()).isEqualTo(130);
        assertThat(result.err()).containsPattern("Encrypted anew: [56]00 of 1,000 rows, \\d+ a second, \\d+ s left");
    }

    private static String lookup(String next, String former, String phase, int left, int notes) {
        return """
                {"key_id":"aaaaaaaa","next_key_id":%s,"former_key_id":%s,"phase":"%s","devices_left":%d,"notes_left":%d,
                 "unreadable_devices":0}""".formatted(next, former, phase, left, notes);
    }

    @Test
    void whoever_watches_the_lookup_key_is_told_what_is_waited_for_and_outlasts_a_restart() throws Exception {
        HttpServer server = standIn(
                new CountDownLatch(1),
                lookup("\"bbbbbbbb\"", "null", "BACK_FILL", 900, 1),
                lookup("\"bbbbbbbb\"", "null", "BACK_FILL", 0, 1),
                "",
                lookup("\"bbbbbbbb\"", "null", "SWITCH", 0, 0),
                lookup("null", "\"cccccccc\"", "SINGLE", 0, 0),
                lookup("null", "null", "SINGLE", 0, 0));

        Result result = command(url(server), "--lookup").result();
        server.stop(0);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err())
                .contains("Indexes are being built", "cccccccc is needed until the answers are forgotten");
        assertThat(result.out())
                .containsPattern("aaaaaaaa +bbbbbbbb +- +BACK_FILL +900 +1 +0")
                .contains("Tokens are found by aaaaaaaa, and no other lookup key is needed");
    }

    @Test
    void the_lookup_key_is_shown_without_a_wait() throws Exception {
        HttpServer server = standIn(new CountDownLatch(1), lookup("null", "\"cccccccc\"", "SINGLE", 0, 0), "");

        Result result = command(url(server), "--lookup", "--once").result();
        server.stop(0);

        assertThat(result.code()).as(result.err()).isEqualTo(3);
        assertThat(result.out())
                .containsPattern("aaaaaaaa +- +cccccccc +SINGLE")
                .doesNotContain("no other lookup key");
    }

    @Test
    void what_makes_no_sense_is_told() throws Exception {
        Result noAddress =
                command(URI.create("http://localhost:1"), "--url", "x y").result();
        Result senseless = command(URI.create("http://localhost:1"), "now").result();
        Result help = command(URI.create("http://localhost:1"), "--help").result();

        assertThat(noAddress.code()).isEqualTo(2);
        assertThat(noAddress.err()).contains("--url is not an address");
        assertThat(senseless.code()).isEqualTo(2);
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("keys:manage", "--once", "3   With --once: another key is still needed");
    }
}
