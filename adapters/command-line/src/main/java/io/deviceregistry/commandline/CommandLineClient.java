package io.deviceregistry.commandline;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Commands that call a running service, which the variable {@code REGISTRY_URL} names, with the key in {@code
 * REGISTRY_API_KEY}. They end with 0 if all went well, with 1 if the service refused or did not answer, with 2 if the
 * command makes no sense.
 */
@Command(name = "./registry")
public final class CommandLineClient {
    private CommandLineClient() {}

    public static void main(String... arguments) {
        PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        System.exit(commands(System.getenv(), out, err).execute(arguments));
    }

    static CommandLine commands(Map<String, String> environment, PrintWriter out, PrintWriter err) {
        return new CommandLine(new CommandLineClient())
                .addSubcommand(new KeyCommand(() -> RegistryApi.of(environment), out, err))
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((exception, command, _) -> {
                    if (!(exception instanceof RefusedException)) {
                        throw exception;
                    }
                    err.println(exception.getMessage());
                    return command.getCommandSpec().exitCodeOnExecutionException();
                });
    }
}
