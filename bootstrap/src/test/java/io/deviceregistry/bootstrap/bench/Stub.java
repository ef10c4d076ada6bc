package io.deviceregistry.bootstrap.bench;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The provider of the benchmark, in a process of its own. */
final class Stub implements AutoCloseable {
    private final Process process;
    private final URI url;

    Stub() {
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx512m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ProviderStub.class.getName())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            url = URI.create("http://127.0.0.1:" + requireNonNull(output.readLine(), "The stub did not start") + "/v1");
        } catch (IOException e) {
            throw new BenchException("The stub of the provider cannot be started", e);
        }
    }

    URI url() {
        return url;
    }

    long pid() {
        return process.pid();
    }

    /** It ends with its input, and so with this process, too. */
    @Override
    public void close() {
        process.destroy();
    }
}
