package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.deviceregistry.bootstrap.e2e.ProviderRecord.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token went from one customer to another one, and Bunce was told of both. */
class FindingsTest {
    private static final Duration SETTLING_DELAY = Duration.ofSeconds(2);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir
    private Path directory;

    private final KnownDevice former = new KnownDevice("device-1", "former", "token");
    private final KnownDevice present = new KnownDevice("device-2", "present", "token");
    private final List<String> journal = new ArrayList<>();

    @BeforeEach
    void transfer() {
        former.end();
    }

    private void saved(KnownDevice device, String token, int second, Duration applied) {
        Instant arrived = NOON.plusSeconds(second);
        journal.add("""
                {"method":"POST","arrived":"%s","time":"%s","changes":[{"change":"device_saved","customer_id":"%s",\
                "device":{"device_id":"remote","device_token":"%s"}}]}""".formatted(arrived, arrived.plus(applied), device.customer(), token));
    }

    private Findings findings(Map<String, Integer> unconfirmedAttempts) throws IOException {
        Path file = Files.write(directory.resolve("journal"), journal);
        return Findings.of(
                List.of(former, present),
                new Findings.Registry(
                        Map.of(new Entry(present.customer(), present.token()), present.id()), unconfirmedAttempts),
                ProviderRecord.read(file, SETTLING_DELAY, List.of()));
    }

    @Test
    void a_removal_before_the_addition_leaves_one_holder() throws Exception {
        saved(former, "token", 0, Duration.ZERO);
        saved(former, "retired:1", 1, Duration.ZERO);
        saved(present, "token", 2, Duration.ZERO);

        Findings findings = findings(Map.of());

        assertThat(findings.twoHolders()).isZero();
        assertThat(findings.lost()).isEmpty();
    }

    @Test
    void an_addition_before_the_removal_is_explained_by_an_attempt_of_the_former_holder_only() throws Exception {
        saved(former, "token", 0, Duration.ZERO);
        saved(present, "token", 1, Duration.ZERO);
        saved(former, "retired:1", 2, Duration.ZERO);

        assertThat(findings(Map.of("device-1", 1)).twoHolders()).isOne();
        assertThat(findings(Map.of("device-1", 1)).twoHoldersUnexplained()).isEmpty();
        assertThat(findings(Map.of("device-2", 1)).twoHoldersUnexplained())
                .extracting(Findings.Case::device)
                .containsExactly(former);
    }

    @Test
    void a_late_request_of_the_former_holder_is_explained_by_an_attempt_of_his_own() throws Exception {
        saved(present, "token", 1, Duration.ZERO);
        saved(former, "token", 0, Duration.ofSeconds(7));

        assertThat(findings(Map.of("device-1", 1)).twoHolders()).isOne();
        assertThat(findings(Map.of("device-1", 1)).twoHoldersUnexplained()).isEmpty();
        assertThat(findings(Map.of("device-2", 1)).twoHoldersUnexplained())
                .extracting(Findings.Case::device)
                .containsExactly(former);
    }
}
