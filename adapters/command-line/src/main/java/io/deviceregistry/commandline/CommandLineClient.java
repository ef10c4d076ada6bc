package io.deviceregistry.commandline;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/**
 * Commands that call a running service, which the variable {@code REGISTRY_URL} names, with the key in {@code
 * REGISTRY_API_KEY}. They end with 0 if all went well, with 1 if the service refused or did not answer, with 2 if the
 * command, a variable, or the file that is named, makes no sense.
 */
@Command(name = "./registry")
public final class CommandLineClient {
    private CommandLineClient() {}

    public static void main(String... arguments) {
        PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        boolean terminal =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        System.exit(commands(System.getenv(), out, err, terminal).execute(arguments));
    }

    private static CommandLine commands(
            Map<String, String> environment, PrintWriter out, PrintWriter err, boolean terminal) {
        Function<@Nullable String, RegistryApi> registry = url -> RegistryApi.of(environment, url);
        return new CommandLine(new CommandLineClient())
                .addSubcommand(new KeyCommand(() -> registry.apply(null), out, err))
                .addSubcommand(new ImportCommand(registry, out, err, terminal))
                .addSubcommand(new ExportCommand(registry, err, terminal))
                .addSubcommand(new RotateKeysCommand(registry, out, err, terminal))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((exception, command, _) -> {
                    if (!(exception instanceof RefusedException)) {
                        throw exception;
                    }
                    err.println(exception.getMessage());
                    return exception instanceof RefusedException.Senseless
                            ? ExitCode.USAGE
                            : command.getCommandSpec().exitCodeOnExecutionException();
                });
    }
}
