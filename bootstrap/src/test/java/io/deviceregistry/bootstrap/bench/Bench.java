package io.deviceregistry.bootstrap.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * {@code ./registry bench}. Tells what happens on the error stream, prints the table on the standard output, and writes the
 * results to {@code bootstrap/target/bench}.
 */
@Command(
        name = Bench.NAME,
        description = {
            "Measures the packaged service against what the same machine does without it, by turns.",
            "Needs wrk and pgbench. All of it takes some hours and 30 GB; Ctrl-C leaves nothing behind.",
            "Writes BENCHMARK.md, and plots and the numbers of each run beside it, to bootstrap/target/bench.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class Bench implements Callable<Integer> {
    static final String NAME = "./registry bench";

    @Option(
            names = "--rows",
            split = ",",
            paramLabel = "ROW",
            description =
                    "what to measure, several between commas, of ${COMPLETION-CANDIDATES}; all of it, if not given")
    private List<RowName> rows = List.of(RowName.values());

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "so many runs of each side, of which the median counts; 5 if not given, 3 with --quick. "
                    + "What takes minutes has 3 at most, memory one")
    private @Nullable Integer rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "how long a run of a load generator takes; 15 if not given, 4 with --quick")
    private @Nullable Integer seconds;

    @Option(
            names = "--quick",
            description = "a first look, not a result: 200,000 devices stored instead of 10,000,000, 50,000 imported "
                    + "instead of 1,000,000, and so on")
    private boolean quick;

    private final String command;

    /** @param command as it was typed */
    private Bench(String command) {
        this.command = command;
    }

    /** In the order in which they are measured. */
    enum RowName {
        REGISTRATION,
        LATENCY,
        REFRESH,
        LIST,
        CONNECTIONS,
        OVERLOAD,
        SYNC,
        IMPORT,
        MEMORY,
        SCALE,
        START;

        /** As it is given on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        private Row row() {
            return switch (this) {
                case REGISTRATION -> new Registration();
                case LATENCY -> new Latency();
                case REFRESH -> new Refresh();
                case LIST -> new Listing();
                case CONNECTIONS -> new Connections();
                case OVERLOAD -> new Overload();
                case SYNC -> new Delivery();
                case IMPORT -> new BulkImport();
                case MEMORY -> new Memory();
                case SCALE -> new StoredDevices();
                case START -> new Start();
            };
        }
    }

    public static void main(String[] arguments) {
        String command = (NAME + " " + String.join(" ", arguments)).strip();
        System.exit(new CommandLine(new Bench(command))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((exception, line, _) -> {
                    if (!(exception instanceof BenchException)) {
                        throw exception;
                    }
                    line.getErr().println(exception.getMessage());
                    return line.getCommandSpec().exitCodeOnExecutionException();
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        Path directory = home().resolve("bootstrap/target/bench");
        boolean complete = measure(settings(), EnumSet.copyOf(rows), command, directory);
        tell("The page, the plots and the numbers of each run are in " + directory);
        return complete ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private Settings settings() {
        Settings settings = quick ? Settings.QUICK : Settings.FULL;
        if (seconds != null) {
            settings = settings.withSeconds(seconds);
        }
        return rounds == null ? settings : settings.withRounds(rounds);
    }

    /**
     * Prints the table, and writes all that was found. A row of which nothing came does not hinder the others.
     *
     * @param directory gets what is written, and has the database meanwhile
     * @return false if there was such a row
     */
    static boolean measure(Settings settings, Set<RowName> rows, String command, Path directory)
            throws InterruptedException, IOException {
        boolean complete = true;
        try (Scene scene = new Scene(settings, directory, Bench::tell)) {
            // Ctrl-C shall not leave servers behind.
            Runtime.getRuntime().addShutdownHook(new Thread(scene::close, "stop"));
            Report report = new Report(command, Machine.facts(scene.server(), home()));
            for (RowName row : rows) {
                try {
                    row.row().measure(scene, report);
                } catch (BenchException e) {
                    tell(row + ": " + e.getMessage());
                    report.failed(row.toString(), String.valueOf(e.getMessage()));
                    complete = false;
                }
                // By now, lest hours be lost with a later row.
                report.write(directory);
            }
            System.out.println(report.table());
        }
        return complete;
    }

    private static void tell(String line) {
        System.err.println(line);
    }

    private static Path home() {
        return Path.of(System.getProperty("registry.home", ""));
    }
}
