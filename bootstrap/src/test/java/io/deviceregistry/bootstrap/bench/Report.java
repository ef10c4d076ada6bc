package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a run of the benchmark found: a table for people, and every single number for programs. */
final class Report {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final List<Line> lines = new ArrayList<>();
    private final ArrayNode runs = JsonNodeFactory.instance.arrayNode();
    private final List<Point> points = new ArrayList<>();

    /**
     * A line of the table.
     *
     * @param reference what it is compared with; empty if with nothing
     * @param ratio null if there is none
     * @param goal empty if there is none
     * @param met null if there is no goal
     */
    record Line(
            String what,
            String measured,
            String reference,
            @Nullable Double ratio,
            String goal,
            @Nullable Boolean met) {}

    /** A point of a plot. */
    record Point(Plot plot, String series, double x, double perSecond, double p99) {}

    /** What a plot shows throughput and latency against. */
    enum Plot {
        CONNECTIONS,
        STORED
    }

    List<Line> lines() {
        return lines;
    }

    List<Point> points() {
        return points;
    }

    ArrayNode runs() {
        return runs;
    }

    /** A run's raw numbers. */
    void run(String row, int round, String side, Measured measured) {
        ObjectNode run = JsonNodeFactory.instance
                .objectNode()
                .put("row", row)
                .put("round", round)
                .put("side", side);
        run.setAll((ObjectNode) MAPPER.valueToTree(measured));
        runs.add(run);
    }

    /** A raw number of another kind. */
    void number(String row, int round, String side, String name, double value) {
        runs.add(JsonNodeFactory.instance
                .objectNode()
                .put("row", row)
                .put("round", round)
                .put("side", side)
                .put(name, value));
    }

    void point(Plot plot, String series, double x, List<Measured> rounds) {
        points.add(new Point(plot, series, x, median(rounds, Measured::perSecond), median(rounds, Measured::p99)));
    }

    void line(String what, String measured, String reference, double ratio, String goal, boolean met) {
        lines.add(new Line(what, measured, reference, ratio, goal, met));
    }

    void statement(String what, String measured, String reference, @Nullable Double ratio) {
        lines.add(new Line(what, measured, reference, ratio, "", null));
    }

    static double median(List<Measured> rounds, ToDoubleFunction<Measured> value) {
        return median(rounds.stream().map(value::applyAsDouble).toList());
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    static String perSecond(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    static String millis(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f ms" : "%.1f ms", value);
    }

    String table() {
        StringBuilder table =
                new StringBuilder("| | measured | against | ratio | goal | |\n|---|---|---|---|---|---|\n");
        for (Line line : lines) {
            table.append("| %s | %s | %s | %s | %s | %s |%n"
                    .formatted(
                            line.what(),
                            line.measured(),
                            line.reference(),
                            line.ratio() == null ? "" : String.format(Locale.ROOT, "%.2f", line.ratio()),
                            line.goal(),
                            line.met() == null ? "" : line.met() ? "met" : "**missed**"));
        }
        return table.toString();
    }
}
