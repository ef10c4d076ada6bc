package io.deviceregistry.bootstrap.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** {@code ./registry bench}. Tells what happens on the error stream, and prints the table on the standard output. */
@Command(
        name = "./registry bench",
        description = "Measures the packaged service against what the same machine does without it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class Bench implements Callable<Integer> {
    @Option(
            names = "--rows",
            split = ",",
            converter = RowConverter.class,
            paramLabel = "ROW",
            description =
                    "what to measure, several between commas, of ${COMPLETION-CANDIDATES}; all of it, if not given")
    private List<RowName> rows = List.of(RowName.values());

    @Option(names = "--rounds", paramLabel = "N", description = "so many runs of each side, of which the median counts")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "N", description = "how long a run takes")
    private @Nullable Integer seconds;

    @Option(names = "--quick", description = "little of everything: a first look, not a result")
    private boolean quick;

    private Bench() {}

    /** In the order in which they are measured. */
    enum RowName {
        REGISTRATION,
        LATENCY,
        LIST;

        private Row row() {
            return switch (this) {
                case REGISTRATION -> new Registration();
                case LATENCY -> new Latency();
                case LIST -> new Listing();
            };
        }
    }

    private static final class RowConverter implements ITypeConverter<RowName> {
        @Override
        public RowName convert(String value) {
            return RowName.valueOf(value.toUpperCase(Locale.ROOT));
        }
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench())
                .setExecutionExceptionHandler((exception, command, _) -> {
                    if (!(exception instanceof BenchException)) {
                        throw exception;
                    }
                    command.getErr().println(exception.getMessage());
                    return command.getCommandSpec().exitCodeOnExecutionException();
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        Path directory = home().resolve("bootstrap/target/bench");
        Report report = measure(settings(), EnumSet.copyOf(rows), directory);
        System.out.println(report.table());
        Path runs = directory.resolve("runs.json");
        Files.writeString(runs, report.runs());
        tell("The numbers of each run are in " + runs);
        return 0;
    }

    private Settings settings() {
        Settings settings = quick ? Settings.QUICK : Settings.FULL;
        if (seconds != null) {
            settings = settings.withSeconds(seconds);
        }
        return rounds == null ? settings : settings.withRounds(rounds);
    }

    /** @param directory where the database is meanwhile */
    static Report measure(Settings settings, Set<RowName> rows, Path directory) throws InterruptedException {
        Report report = new Report();
        try (Scene scene = new Scene(settings, directory, Bench::tell)) {
            // Ctrl-C shall not leave servers behind.
            Runtime.getRuntime().addShutdownHook(new Thread(scene::close, "stop"));
            for (RowName row : rows) {
                row.row().measure(scene, report);
            }
        }
        return report;
    }

    private static void tell(String line) {
        System.err.println(line);
    }

    private static Path home() {
        return Path.of(System.getProperty("registry.home", ""));
    }
}
