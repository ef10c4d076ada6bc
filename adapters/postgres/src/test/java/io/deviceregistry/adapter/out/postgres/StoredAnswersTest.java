package io.deviceregistry.adapter.out.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.deviceregistry.application.port.out.IdempotencyRecords;
import io.deviceregistry.application.port.out.RequestKey;
import io.deviceregistry.application.testing.Examples;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Remembered answers at rest: nothing of them can be read without the key. */
@QuarkusTest
@WithTestResource(PostgresResource.class)
class StoredAnswersTest {
    @Inject
    IdempotencyRecords records;

    @Inject
    DataSource dataSource;

    private final RequestKey key = new RequestKey(
            "canary-caller", "canary-operation", "canary-" + Examples.aToken().value());

    @BeforeEach
    void keepOneAnswer() throws SQLException {
        execute("truncate idempotency_record");
        records.exclusively(key, slot -> {
            slot.keep(utf8("canary-request"), "canary-answer");
            return true;
        });
    }

    @Test
    void neither_caller_key_request_nor_answer_can_be_read_in_the_database() throws SQLException {
        String row = row();

        for (String secret : List.of(key.caller(), key.operation(), key.key(), "canary-request", "canary-answer")) {
            assertThat(row).doesNotContain(secret).doesNotContain(HexFormat.of().formatHex(utf8(secret)));
        }
        assertThat(records.exclusively(key, slot -> slot.kept(utf8("canary-request"), Duration.ofMinutes(1))))
                .get()
                .matches(kept -> kept.orElseThrow().answer().equals("canary-answer"));
    }

    @Test
    void an_answer_is_worthless_under_another_key() throws SQLException {
        RequestKey other =
                new RequestKey("caller", "operation", Examples.aToken().value());
        records.exclusively(other, slot -> {
            slot.keep(utf8("another request"), "another answer");
            return true;
        });
        execute("""
                update idempotency_record r set answer_cipher = o.answer_cipher
                  from idempotency_record o where o.key_hash <> r.key_hash""");

        assertThatIllegalStateException()
                .isThrownBy(
                        () -> records.exclusively(other, slot -> slot.kept(utf8("a request"), Duration.ofMinutes(1))))
                .withMessageContaining("registry.token.encryption-key");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The only one, as a dump shows it. */
    private String row() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select r::text from idempotency_record r")) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
