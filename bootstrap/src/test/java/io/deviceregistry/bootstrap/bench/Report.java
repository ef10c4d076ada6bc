package io.deviceregistry.bootstrap.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.function.ToDoubleFunction;

/** What a run of the benchmark found: a table for people, and every single number for programs. */
final class Report {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final List<Line> lines = new ArrayList<>();
    private final ArrayNode runs = JsonNodeFactory.instance.arrayNode();

    /** A line of the table. */
    private record Line(String what, String measured, String reference, double ratio, Goal goal) {}

    /** What the ratio of what was measured to what it is compared with should be. */
    record Goal(String words, DoublePredicate met) {
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

    /** Of every single run, as an array of JSON. */
    String runs() {
        return runs.toPrettyString();
    }

    void run(String row, int round, String side, Measured measured) {
        ObjectNode run = JsonNodeFactory.instance
                .objectNode()
                .put("row", row)
                .put("round", round)
                .put("side", side);
        run.setAll((ObjectNode) MAPPER.valueToTree(measured));
        runs.add(run);
    }

    void line(String what, String measured, String reference, double ratio, Goal goal) {
        lines.add(new Line(what, measured, reference, ratio, goal));
    }

    static double median(List<Measured> rounds, ToDoubleFunction<Measured> value) {
        double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
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
                            String.format(Locale.ROOT, "%.2f", line.ratio()),
                            line.goal().words(),
                            line.goal().met().test(line.ratio()) ? "met" : "**missed**"));
        }
        return table.toString();
    }
}
