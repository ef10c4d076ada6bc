package io.deviceregistry.bootstrap.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A command of {@code ./registry} as a person types it, with a service. */
final class CommandLineRun {
    private static final Path SCRIPT =
            Path.of("..", "registry").toAbsolutePath().normalize();

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process process;
    private final CompletableFuture<String> out;
    private final CompletableFuture<String> err;

    private CommandLineRun(Process process) {
        this.process = process;
        this.out = CompletableFuture.supplyAsync(() -> text(process.inputReader()));
        this.err = CompletableFuture.supplyAsync(() -> text(process.errorReader()));
    }

    record Result(int code, String out, String err) {}

    static CommandLineRun of(URI service, Map<String, String> environment, String command, String... arguments)
            throws IOException {
        List<String> line = new ArrayList<>(List.of(SCRIPT.toString(), command));
        line.addAll(List.of(arguments));
        return of(service, environment, line);
    }

    /** Of a terminal, which shows both of its outputs as one. Skips the test where nothing makes a terminal. */
    static CommandLineRun onTerminal(URI service, Map<String, String> environment, String command, String... arguments)
            throws IOException {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/script"))
                        && System.getProperty("os.name").equals("Linux"),
                "needs script of util-linux");
        String line = SCRIPT + " " + command + " '" + String.join("' '", arguments) + "'";
        return of(service, environment, List.of("script", "-qec", line, "/dev/null"));
    }

    /** With a standard output that takes nothing. Skips the test where there is none. */
    static CommandLineRun onFullDisk(URI service, Map<String, String> environment, String command, String... arguments)
            throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/full")), "needs /dev/full of Linux");
        String line = SCRIPT + " " + command + " '" + String.join("' '", arguments) + "' > /dev/full";
        return of(service, environment, List.of("sh", "-c", line));
    }

    private static CommandLineRun of(URI service, Map<String, String> environment, List<String> line)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().keySet().removeIf(name -> name.startsWith("REGISTRY_"));
        builder.environment().put("REGISTRY_SKIP_BUILD", "true");
        builder.environment().put("REGISTRY_URL", service.toString());
        builder.environment().putAll(environment);
        return new CommandLineRun(builder.start());
    }

    /** What it is fed, to the end. */
    CommandLineRun fed(String input) throws IOException {
        try (var in = process.outputWriter()) {
            in.write(input);
        }
        return this;
    }

    /** As Ctrl-C does. */
    void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                .start()
                .waitFor();
    }

    Result result() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("The command does not end. If it was interrupted: whoever started the tests"
                    + " in the background of a shell had SIGINT ignored, by all of their processes.");
        }
        return new Result(process.exitValue(), out.join(), err.join());
    }

    private static String text(BufferedReader reader) {
        try {
            return reader.readAllAsString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
