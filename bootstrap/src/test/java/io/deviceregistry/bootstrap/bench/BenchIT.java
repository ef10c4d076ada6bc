package io.deviceregistry.bootstrap.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.deviceregistry.bootstrap.bench.Bench.RowName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the benchmark works, not what it finds: as little of it as there can be. */
@Order(12)
class BenchIT {
    private static final Settings LEAST = new Settings(1, 1, 1, 40, 1, 1, 10, List.of(1, 4));

    @TempDir
    private Path directory;

    @Test
    void given_two_rows_when_measured_then_the_page_the_numbers_and_the_plots_are_there() throws Exception {
        requirePrograms();

        boolean complete =
                Bench.measure(LEAST, EnumSet.of(RowName.CONNECTIONS, RowName.SYNC), "./registry bench", directory);

        String page = Files.readString(directory.resolve("BENCHMARK.md"));
        assertThat(complete).as(page).isTrue();
        assertThat(page)
                .contains("```\n./registry bench\n```")
                .contains("| devices a second that a provider is told of |")
                .contains("| PostgreSQL | 18")
                .contains("(benchmark/throughput-by-connections.svg)", "(benchmark/p99-by-connections.svg)")
                .doesNotContain("throughput-by-stored-devices");
        Path attachments = directory.resolve("benchmark");
        assertThat(attachments.resolve("throughput-by-connections.svg"))
                .content()
                .contains("<svg");
        assertThat(attachments.resolve("p99-by-connections.svg")).content().contains("<svg");
        JsonNode results =
                new JsonMapper().readTree(attachments.resolve("runs.json").toFile());
        assertThat(results.at("/machine/cores").asInt()).isPositive();
        assertThat(results.path("table")).hasSize(2);
        assertThat(sides(results.path("runs")))
                .containsExactlyInAnyOrder(
                        "connections: service", "connections: pgbench", "sync: service", "sync: wrk");
        assertThat(results.path("runs"))
                .allSatisfy(run -> assertThat(run.path("per_second").asDouble()).isPositive());
        try (var left = Files.list(directory)) {
            assertThat(left).containsExactlyInAnyOrder(directory.resolve("BENCHMARK.md"), attachments);
        }
    }

    private static Set<String> sides(JsonNode runs) {
        return StreamSupport.stream(runs.spliterator(), false)
                .map(run -> run.path("row").asText() + ": " + run.path("side").asText())
                .collect(Collectors.toSet());
    }

    /** Where somebody works they may be missing; in CI they must be there. */
    private static void requirePrograms() {
        try {
            Program.WRK.path();
            Program.PGBENCH.path();
        } catch (BenchException missing) {
            if (System.getenv("CI") != null) {
                fail(missing);
            }
            abort(String.valueOf(missing.getMessage()));
        }
    }
}
