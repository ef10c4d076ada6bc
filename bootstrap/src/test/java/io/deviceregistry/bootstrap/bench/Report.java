package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.DoublePredicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a run of the benchmark found: a table for people, plots, and every single number for programs. */
final class Report {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final String command;
    private final Map<String, String> machine;
    private final List<Line> lines = new ArrayList<>();
    private final ArrayNode runs = JsonNodeFactory.instance.arrayNode();
    private final Map<Plot, Map<String, NavigableMap<Double, List<Double>>>> points = new EnumMap<>(Plot.class);

    /** @param machine what was measured, and on what, by name */
    Report(String command, Map<String, String> machine) {
        this.command = command;
        this.machine = machine;
    }

    /** A line of the table. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Line(
            @JsonProperty String figure,
            @JsonProperty String measured,
            @JsonProperty String against,
            @JsonProperty @Nullable Double ratio,
            @JsonProperty String goal,
            @JsonProperty @Nullable Boolean met) {
        static Line of(
                String figure, String measured, String against, @Nullable Double ratio, double value, Goal goal) {
            DoublePredicate met = goal.met();
            return new Line(figure, measured, against, ratio, goal.words(), met == null ? null : met.test(value));
        }

        String markdown() {
            return "| %s | %s | %s | %s | %s | %s |"
                    .formatted(
                            figure,
                            measured,
                            against,
                            ratio == null ? "" : String.format(Locale.ROOT, "%.2f", ratio),
                            goal,
                            met == null ? "" : met ? "met" : "**missed**");
        }
    }

    /**
     * What a ratio, or a figure that has none, should be.
     *
     * @param met null for nothing that could be missed
     */
    record Goal(String words, @Nullable DoublePredicate met) {
        static final Goal NONE = new Goal("none", null);

        static Goal atLeast(double ratio) {
            return new Goal("at least " + plain(ratio), reached -> reached >= ratio);
        }

        static Goal atMost(double ratio) {
            return new Goal("at most " + plain(ratio), reached -> reached <= ratio);
        }

        private static String plain(double ratio) {
            return BigDecimal.valueOf(ratio).stripTrailingZeros().toPlainString();
        }
    }

    /** @param numbers becomes members of its entry among the runs */
    void run(String row, int round, String side, Record numbers) {
        ObjectNode run = JsonNodeFactory.instance
                .objectNode()
                .put("row", row)
                .put("round", round)
                .put("side", side);
        run.setAll((ObjectNode) MAPPER.valueToTree(numbers));
        runs.add(run);
    }

    /** Of several at one place the median is drawn. */
    void point(Plot plot, String series, double across, double up) {
        points.computeIfAbsent(plot, _ -> new LinkedHashMap<>())
                .computeIfAbsent(series, _ -> new TreeMap<>())
                .computeIfAbsent(across, _ -> new ArrayList<>())
                .add(up);
    }

    /** Something with a reference. */
    void line(String what, String measured, String reference, double ratio, Goal goal) {
        lines.add(Line.of(what, measured, reference, ratio, ratio, goal));
    }

    /** Something that counts by itself. */
    void figure(String what, String measured, String beside, double value, Goal goal) {
        lines.add(Line.of(what, measured, beside, null, value, goal));
    }

    /** A row of which nothing came. */
    void failed(String row, String reason) {
        lines.add(new Line(row, "nothing: " + reason.lines().findFirst().orElse(""), "", null, "", false));
    }

    static <T> double median(List<T> rounds, ToDoubleFunction<T> value) {
        return median(rounds.stream().mapToDouble(value).sorted().toArray());
    }

    private static double median(double[] ascending) {
        int half = ascending.length / 2;
        return ascending.length % 2 == 1 ? ascending[half] : (ascending[half - 1] + ascending[half]) / 2;
    }

    static String perSecond(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    static String millis(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f ms" : "%.1f ms", value);
    }

    static String seconds(double value) {
        return String.format(Locale.ROOT, "%.2f s", value);
    }

    String table() {
        StringBuilder table =
                new StringBuilder("| | measured | against | ratio | goal | |\n|---|---|---|---|---|---|\n");
        lines.forEach(line -> table.append(line.markdown()).append('\n'));
        return table.toString();
    }

    /**
     * Writes {@code BENCHMARK.md}, and into a folder {@code benchmark} beside it the plots and {@code runs.json}; what is
     * there of another run goes.
     */
    void write(Path directory) throws IOException {
        Path attachments = Files.createDirectories(directory.resolve("benchmark"));
        for (Plot plot : Plot.values()) {
            Files.deleteIfExists(attachments.resolve(plot.fileName()));
        }
        for (Map.Entry<Plot, Map<String, NavigableMap<Double, List<Double>>>> drawn : points.entrySet()) {
            drawn.getKey().draw(medians(drawn.getValue()), attachments);
        }
        Files.writeString(attachments.resolve("runs.json"), json());
        Files.writeString(directory.resolve("BENCHMARK.md"), page());
    }

    private static Map<String, NavigableMap<Double, Double>> medians(
            Map<String, NavigableMap<Double, List<Double>>> series) {
        Map<String, NavigableMap<Double, Double>> medians = new LinkedHashMap<>();
        series.forEach((name, values) -> {
            NavigableMap<Double, Double> line = new TreeMap<>();
            values.forEach((across, rounds) -> line.put(across, median(rounds, Double::doubleValue)));
            medians.put(name, line);
        });
        return medians;
    }

    private String json() {
        ObjectNode all = JsonNodeFactory.instance.objectNode().put("command", command);
        all.set("machine", MAPPER.valueToTree(machine));
        all.set("table", MAPPER.valueToTree(lines));
        all.set("runs", runs);
        return all.toPrettyString();
    }

    private String page() {
        StringBuilder page = new StringBuilder("## Results\n\n```\n%s\n```\n\n".formatted(command));
        page.append(table()).append("\n| on | |\n|---|---|\n");
        machine.forEach((name, value) -> page.append("| %s | %s |\n".formatted(name, value)));
        page.append('\n');
        points.keySet()
                .forEach(plot -> page.append("![%s](benchmark/%s)\n\n".formatted(plot.title(), plot.fileName())));
        page.append("Every single run is in [runs.json](benchmark/runs.json).\n");
        return page.toString();
    }
}
