package io.deviceregistry.bootstrap.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Load on the database: each client sends its next statement, which is a transaction, when it has its result. */
final class PgBench {
    private static final String LOG = "pgbench_log";
    private static final double MICROS_IN_A_MILLI = 1_000;
    private static final Pattern PROCESSED = Pattern.compile("transactions actually processed: (\\d+)");
    private static final Pattern FAILED = Pattern.compile("number of failed transactions: (\\d+)");
    private static final Pattern PER_SECOND = Pattern.compile("tps = ([\\d.]+)");
    private static final Pattern MEAN = Pattern.compile("latency average = ([\\d.]+) ms");

    private final Server server;
    private final Path directory;

    /** @param directory where it puts its scripts and logs */
    PgBench(Server server, Path directory) {
        this.server = server;
        this.directory = directory;
    }

    /**
     * @param script the name of a resource of this package
     * @param variables for the script
     * @throws BenchException if a transaction failed
     */
    Measured run(String script, String database, int clients, int seconds, Map<String, Integer> variables)
            throws InterruptedException {
        try {
            Path file = directory.resolve(script);
            Files.writeString(file, Resources.text(script));
            List<String> arguments = new ArrayList<>(List.of(
                    "--no-vacuum",
                    "--protocol=prepared",
                    "--client=" + clients,
                    "--jobs=" + Math.min(clients, 2),
                    "--time=" + seconds,
                    "--log",
                    "--log-prefix=" + LOG,
                    "--file=" + file));
            variables.forEach((name, value) -> arguments.add("--define=" + name + "=" + value));
            arguments.addAll(List.of(
                    "--host=localhost", "--port=" + server.port(), "--username=" + server.username(), database));
            String output = Program.PGBENCH.run(arguments, Map.of(), directory);
            if (number(FAILED, output) > 0) {
                throw new BenchException("Transactions of pgbench failed: " + output);
            }
            double[] latencies = latencies();
            return new Measured(
                    clients,
                    (long) number(PROCESSED, output),
                    0,
                    seconds,
                    number(PER_SECOND, output),
                    number(MEAN, output),
                    percentile(latencies, 0.50),
                    percentile(latencies, 0.99),
                    Map.of());
        } catch (IOException e) {
            throw new BenchException("%s cannot be used".formatted(directory), e);
        }
    }

    private static double number(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new BenchException("pgbench did not report %s: %s".formatted(pattern, output));
        }
        return Double.parseDouble(matcher.group(1));
    }

    /** In ascending order. The third column of a log, of which each thread writes one, is the latency in microseconds. */
    private double[] latencies() throws IOException {
        List<Path> logs = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, LOG + ".*")) {
            found.forEach(logs::add);
        }
        List<Double> latencies = new ArrayList<>();
        for (Path log : logs) {
            for (String line : Files.readAllLines(log)) {
                latencies.add(Double.parseDouble(line.split(" ", 4)[2]) / MICROS_IN_A_MILLI);
            }
            Files.delete(log);
        }
        double[] ascending = latencies.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(ascending);
        return ascending;
    }

    private static double percentile(double[] ascending, double part) {
        return ascending.length == 0 ? 0 : ascending[(int) Math.min(ascending.length - 1, part * ascending.length)];
    }
}
