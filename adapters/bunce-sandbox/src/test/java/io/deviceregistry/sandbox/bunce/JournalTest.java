package io.deviceregistry.sandbox.bunce;

import static io.deviceregistry.sandbox.bunce.Caller.DEVICES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {

    @Test
    void givenAJournal_whenRestarted_thenStateAndRecordAreAsBefore(@TempDir Path directory) {
        Path journal = directory.resolve("not/yet/there/journal.ndjson");
        JsonNode devices;
        JsonNode customers;
        List<RecordedRequest> requests;
        try (BunceSandbox sandbox = start(journal)) {
            Caller bunce = Caller.of(sandbox);
            bunce.addDevice("0000", "t1 \u00e4\u2028\ud83d\ude00");
            bunce.addDevice("0000", "t2");
            bunce.patch(DEVICES, "{\"current_device_token\":\"t2\",\"device_token\":\"t3\"}");
            bunce.post("/v1/customers", """
                    {"customer_id":"c1","email":"a@b.c","first_name":"A","last_name":"B","phone_no":"1"}""");
            bunce.withKey("sk_wrong").get(DEVICES);
            devices = bunce.get("/sandbox/devices").json();
            customers = bunce.get("/v1/customers").json();
            requests = sandbox.requests();
        }

        try (BunceSandbox sandbox = start(journal)) {
            assertThat(sandbox.requests()).isEqualTo(requests).hasSize(6);
            Caller bunce = Caller.of(sandbox);
            assertThat(bunce.get("/sandbox/devices").json()).isEqualTo(devices);
            assertThat(bunce.get("/v1/customers").json()).isEqualTo(customers);
        }
    }

    @Test
    void givenAJournal_whenACallIsAnswered_thenItsLineIsOneJsonObjectWithoutTheKey(@TempDir Path directory)
            throws IOException {
        Path journal = directory.resolve("journal");
        try (BunceSandbox sandbox = start(journal)) {
            Caller.of(sandbox).post(DEVICES, Caller.oneDevice("ios", "t1").replace("[", "[\n"));

            List<String> lines = Files.readAllLines(journal);

            assertThat(lines).hasSize(1);
            JsonNode line = new ObjectMapper().readTree(lines.getFirst());
            assertThat(line.path("method").asText()).isEqualTo("POST");
            assertThat(line.path("path").asText()).isEqualTo(DEVICES);
            assertThat(line.path("authorized").asBoolean()).isTrue();
            assertThat(line.path("status").asInt()).isEqualTo(201);
            assertThat(line.path("changes").findValuesAsText("change"))
                    .containsExactly("customer_saved", "device_saved");
            assertThat(lines.getFirst()).doesNotContain(Caller.API_KEY);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(journal)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"time\":\"2026-01", "{\"time\":\"2026-01\n", "\0\0\0\n", "{}\n", "{}"})
    void givenATornLastLine_whenRestarted_thenItIsDroppedAndTheJournalGoesOn(String torn, @TempDir Path directory)
            throws IOException {
        Path journal = directory.resolve("journal");
        try (BunceSandbox sandbox = start(journal)) {
            Caller.of(sandbox).addDevice("0000", "t1");
        }
        Files.writeString(journal, torn, StandardOpenOption.APPEND);

        try (BunceSandbox sandbox = start(journal)) {
            assertThat(sandbox.requests()).hasSize(1);
            Caller.of(sandbox).addDevice("0000", "t2");
        }

        try (BunceSandbox sandbox = start(journal)) {
            assertThat(Caller.of(sandbox).get(DEVICES).json().findValuesAsText("token"))
                    .containsExactly("t1", "t2");
        }
    }

    @Test
    void givenAJournalFromBeforeThereWereFaults_whenStarted_thenItsRequestsTookEffectAsTheyArrived(
            @TempDir Path directory) throws IOException {
        Path journal = directory.resolve("journal");
        Files.writeString(journal, """
                {"time":"2026-01-02T03:04:05Z","method":"GET","path":"/v1/customers","authorized":true,"body":"",\
                "status":200,"changes":[]}
                """);

        try (BunceSandbox sandbox = start(journal)) {
            Instant then = Instant.parse("2026-01-02T03:04:05Z");
            assertThat(sandbox.requests())
                    .containsExactly(new RecordedRequest(then, then, "GET", "/v1/customers", true, "", 200, null));
        }
    }

    @Test
    void givenAFaultThatTakesTheAnswerAway_whenCalled_thenItsLineIsThereAllTheSame(@TempDir Path directory)
            throws IOException {
        Path journal = directory.resolve("journal");
        try (BunceSandbox sandbox = start(journal)) {
            sandbox.behave(Behaviour.normal().withFaults(List.of(Fault.always(Fault.Kind.DROP))));

            assertThatThrownBy(() -> Caller.of(sandbox).addDevice("0000", "t1"))
                    .isInstanceOf(UncheckedIOException.class);

            JsonNode line = new ObjectMapper().readTree(Files.readString(journal));
            assertThat(line.path("fault").asText()).isEqualTo("DROP");
            assertThat(line.at("/changes/1/device/device_token").asText()).isEqualTo("t1");
        }
    }

    @Test
    void givenAnUnreadableLineInTheMiddle_whenStarted_thenTheSentenceNamesFileAndLine(@TempDir Path directory)
            throws IOException {
        Path journal = directory.resolve("journal");
        try (BunceSandbox sandbox = start(journal)) {
            Caller.of(sandbox).addDevice("0000", "t1");
        }
        String good = Files.readString(journal);
        String broken = good + "nonsense\n" + good;
        Files.writeString(journal, broken);

        assertThatIllegalStateException()
                .isThrownBy(() -> start(journal))
                .withMessageContaining("Line 2 ")
                .withMessageContaining(journal.toString());
        assertThat(journal).hasContent(broken);
    }

    @Test
    void givenAJournalInUse_whenAnotherSandboxStarts_thenTheSentenceNamesTheFile(@TempDir Path directory) {
        Path journal = directory.resolve("journal");
        try (BunceSandbox sandbox = start(journal)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> start(journal))
                    .withMessageContaining(journal.toString());
            assertThat(Caller.of(sandbox).addDevice("0000", "t1").status()).isEqualTo(201);
        }
    }

    @Test
    void givenAJournal_whenTheSandboxForgets_thenItIsEmptyAndGoesOn(@TempDir Path directory) {
        Path journal = directory.resolve("journal");
        try (BunceSandbox sandbox = start(journal)) {
            Caller bunce = Caller.of(sandbox);
            bunce.addDevice("0000", "t1");
            bunce.send("DELETE", "/sandbox", null);
            assertThat(journal).isEmptyFile();
            bunce.addDevice("0000", "t2");
        }

        try (BunceSandbox sandbox = start(journal)) {
            assertThat(Caller.of(sandbox).get(DEVICES).json().findValuesAsText("token"))
                    .containsExactly("t2");
        }
    }

    @Test
    void givenAnAnsweredCall_whenTheProcessIsKilled_thenTheNextStartKnowsIt(@TempDir Path directory) throws Exception {
        Path journal = directory.resolve("journal");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SandboxProcess.class.getName(),
                        journal.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            Caller bunce = new Caller(URI.create(String.valueOf(output.readLine())), Caller.API_KEY, client);
            assertThat(bunce.addDevice("0000", "t1").status()).isEqualTo(201);
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }

        try (BunceSandbox sandbox = start(journal)) {
            assertThat(Caller.of(sandbox).get(DEVICES).json().findValuesAsText("token"))
                    .containsExactly("t1");
        }
    }

    private static BunceSandbox start(Path journal) {
        return BunceSandbox.start(new SandboxOptions(0, Caller.API_KEY, journal));
    }
}
