package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Load over HTTP: each connection sends its next request when it has its answer. */
final class Wrk {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final double MILLIS = 1_000;

    private final Path directory;

    /** @param directory where it puts its scripts */
    Wrk(Path directory) {
        this.directory = directory;
    }

    /**
     * @param script the name of a resource of this package
     * @param url up to and with the version of the API
     * @param variables for the script
     * @throws BenchException if anything but an answer came of a request
     */
    Measured run(String script, URI url, int connections, int seconds, Map<String, String> variables)
            throws InterruptedException {
        return measured(connections, report(List.of(script), url, connections, seconds, variables));
    }

    /**
     * Registrations by callers who take a refusal for an answer.
     *
     * @param url up to and with the version of the API
     * @param pause of each caller after each answer, on average, to the millisecond
     * @throws BenchException if a request was neither carried out nor refused with the time when to repeat it
     */
    Offered offer(URI url, int connections, int seconds, Duration pause) throws InterruptedException {
        JsonNode report = report(
                List.of("registration.lua", "offer.lua"),
                url,
                connections,
                seconds,
                Map.of("BENCH_PAUSE", Long.toString(pause.toMillis())));
        long failed = report.path("failed").asLong();
        if (failed > 0) {
            throw new BenchException(
                    "%d requests were neither carried out nor refused with a Retry-After".formatted(failed));
        }
        return new Offered(
                connections,
                report.path("accepted").asLong(),
                report.path("refused").asLong(),
                report.path("seconds").asDouble(),
                report.path("p99").asDouble() * MILLIS,
                Map.of());
    }

    /** @param scripts which define one after the other what wrk calls */
    private JsonNode report(List<String> scripts, URI url, int connections, int seconds, Map<String, String> variables)
            throws InterruptedException {
        Path file = directory.resolve(scripts.getLast());
        try {
            StringBuilder all = new StringBuilder(Resources.text("report.lua"));
            for (String script : scripts) {
                all.append(Resources.text(script));
            }
            Files.writeString(file, all);
        } catch (IOException e) {
            throw new BenchException("%s cannot be written".formatted(file), e);
        }
        // The key goes by the environment: everybody on the machine can read a command line.
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("REGISTRY_API_KEY", Service.API_KEY);
        String output = Program.WRK.run(
                List.of(
                        "--threads=" + Math.min(connections, 2),
                        "--connections=" + connections,
                        "--duration=" + seconds + "s",
                        "--timeout=10s",
                        "--latency",
                        "--script=" + file,
                        url.toString()),
                environment,
                directory);
        JsonNode report = output.lines()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .map(Wrk::json)
                .orElseThrow(() -> new BenchException("wrk did not report: " + output));
        long errors = report.path("socket_errors").asLong();
        if (errors > 0) {
            throw new BenchException("%d requests were not answered: %s".formatted(errors, output));
        }
        return report;
    }

    private static Measured measured(int connections, JsonNode report) {
        long failed = report.path("status_errors").asLong();
        long succeeded = report.path("requests").asLong() - failed;
        double seconds = report.path("seconds").asDouble();
        return new Measured(
                connections,
                succeeded,
                failed,
                seconds,
                succeeded / seconds,
                report.path("mean").asDouble() * MILLIS,
                report.path("p50").asDouble() * MILLIS,
                report.path("p99").asDouble() * MILLIS,
                Map.of());
    }

    private static JsonNode json(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new BenchException("wrk reported what is not JSON: " + line, e);
        }
    }
}
