package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.deviceregistry.bootstrap.e2e.RegistryClient.Answer;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More than can be done, and a database that does nothing for a while. */
class OverloadIT {
    private static final int MOST = 10;

    private static Deployment deployment;
    private static RegistryClient registry;

    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() {
        deployment = new Deployment()
                .with("REGISTRY_MAX_CONCURRENT_REQUESTS", String.valueOf(MOST))
                .with("QUARKUS_HTTP_READ_TIMEOUT", "3s");
        registry = deployment.start();
    }

    @AfterAll
    static void stop() {
        deployment.close();
    }

    /** Nobody can read or write devices until the connection is closed. */
    private static Connection stallTheDatabase() throws Exception {
        Connection connection = deployment.connect();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("lock table device in access exclusive mode");
        }
        return connection;
    }

    private List<Future<Answer>> register(String customer, int times) {
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            String token = customer + "-" + i;
            answers.add(callers.submit(() -> registry.register(customer, "ios", token)));
        }
        return answers;
    }

    private static void awaitWaiting(int sessions) throws Exception {
        try (Connection connection = deployment.connect();
                Statement statement = connection.createStatement()) {
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                try (ResultSet waiting = statement.executeQuery("""
                        select count(*) from pg_stat_activity
                         where datname = current_database() and wait_event_type = 'Lock'""")) {
                    waiting.next();
                    return waiting.getInt(1) >= sessions;
                }
            });
        }
    }

    @Test
    void what_is_too_much_is_refused_at_once_and_what_was_begun_is_finished() throws Exception {
        List<Future<Answer>> begun;
        try (Connection stalled = stallTheDatabase()) {
            begun = register("begun", MOST);
            // One less, for a worker of the sync may be among those who wait, and a request be on its way.
            awaitWaiting(MOST - 1);

            Answer refused = registry.register("refused", "ios", "refused");

            ProblemAssertions.assertProblem(refused, 503, "OVERLOADED");
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(registry.send(registry.request("/q/health/live")).status())
                    .isEqualTo(200);
            stalled.rollback();
        }
        for (Future<Answer> answer : begun) {
            assertThat(answer.get().status()).isEqualTo(201);
        }
        assertThat(registry.list("refused").json().path("devices")).isEmpty();
        assertThat(registry.register("refused", "ios", "refused").status()).isEqualTo(201);
    }

    @Test
    void files_that_arrive_at_once_are_few_and_leave_the_others_alone() throws Exception {
        try (Socket arriving =
                new Socket(registry.url().getHost(), registry.url().getPort())) {
            arriving.getOutputStream()
                    .write(("POST /v1/imports HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nX-Authorization: "
                                    + Deployment.API_KEY + "\r\nContent-Length: 1000\r\n\r\ncustomer_id")
                            .getBytes(StandardCharsets.US_ASCII));

            Answer refused = await().until(OverloadIT::importFile, answer -> answer.status() != 202);

            ProblemAssertions.assertProblem(refused, 503, "OVERLOADED");
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(registry.list("imported").status()).isEqualTo(200);
        }
        await().until(() -> importFile().status() == 202);
    }

    private static Answer importFile() throws Exception {
        return registry.send(registry.request("/v1/imports")
                .header("X-Authorization", Deployment.API_KEY)
                .header("Content-Type", "text/csv")
                .POST(BodyPublishers.ofString("customer_id,device_type,device_token\nimported,ios,imported\n")));
    }

    @Test
    void exports_at_once_are_few() throws Exception {
        String path = "/v1/exports/devices";
        Future<Answer> begun;
        try (Connection stalled = stallTheDatabase()) {
            begun = callers.submit(() -> registry.get(path));
            awaitWaiting(1);

            Answer refused = registry.get(path);

            ProblemAssertions.assertProblem(refused, 503, "OVERLOADED");
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            stalled.rollback();
        }
        assertThat(begun.get().status()).isEqualTo(200);
        await().until(() -> registry.get(path).status() == 200);
        assertThat(registry.send(registry.request(path)
                                .header("X-Authorization", Deployment.API_KEY)
                                .HEAD())
                        .status())
                .isEqualTo(200);
        await().until(() -> registry.get(path).status() == 200);
    }

    @Test
    void a_database_that_stalls_for_long_is_told_of_and_nothing_has_to_be_restarted() throws Exception {
        try (Connection stalled = stallTheDatabase()) {
            List<Future<Answer>> given = register("given-up", MOST);

            for (Future<Answer> answer : given) {
                ProblemAssertions.assertProblem(answer.get(), 503, "STORE_UNAVAILABLE");
                assertThat(answer.get().header("Retry-After")).isEqualTo("1");
            }
            stalled.rollback();
        }
        for (Future<Answer> answer : register("given-up", MOST)) {
            assertThat(answer.get().status()).isEqualTo(201);
        }
        assertThat(registry.list("given-up").json().path("devices")).hasSize(MOST);
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 20_000_000})
    void who_does_not_send_the_body_takes_nobodys_place_for_long(int length) throws Exception {
        List<Socket> stuck = new ArrayList<>();
        try {
            for (int i = 0; i < MOST; i++) {
                Socket socket =
                        new Socket(registry.url().getHost(), registry.url().getPort());
                stuck.add(socket);
                socket.getOutputStream()
                        .write(
                                ("POST /v1/customers/stuck/devices HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                                + "X-Authorization: " + Deployment.API_KEY + "\r\nContent-Length: "
                                                + length
                                                + "\r\n\r\n{")
                                        .getBytes(StandardCharsets.US_ASCII));
            }
            await().until(() -> registry.list("stuck").status() == 503);

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> registry.list("stuck").status() == 200);
        } finally {
            for (Socket socket : stuck) {
                socket.close();
            }
        }
    }
}
