package io.deviceregistry.bootstrap.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A program that a JDK and Maven do not bring. Where somebody works it may be missing, and a test that needs it is
 * skipped; in CI it must be there.
 */
public enum Tool {
    KUBECTL("kubectl", "kubernetes-client"),
    OPENSSL("openssl", "openssl"),
    PG_DUMP("pg_dump", "postgresql-client"),
    PG_RESTORE("pg_restore", "postgresql-client"),
    PROMTOOL("promtool", "prometheus");

    private final String command;
    private final String debianPackage;

    Tool(String command, String debianPackage) {
        this.command = command;
        this.debianPackage = debianPackage;
    }

    public boolean isThere() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }

    /** @return what it printed, when it was content */
    public String run(String... arguments) throws IOException, InterruptedException {
        return run(Path.of(""), arguments);
    }

    /** The same, in a folder. */
    public String run(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addFirst(command);
        Process process;
        try {
            process = new ProcessBuilder(line)
                    .directory(folder.toAbsolutePath().toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException missing) {
            String message = "There is no %s; Debian's package \"%s\" has it".formatted(command, debianPackage);
            return System.getenv("CI") == null ? abort(message) : fail(message, missing);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(() -> String.join(" ", line) + " said:\n" + output)
                .isZero();
        return output;
    }
}
