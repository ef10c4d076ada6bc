package io.deviceregistry.bootstrap.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The service as it is packaged, in a process of its own. */
public final class ServiceProcess implements AutoCloseable {

    /** Of a JVM that lives for seconds: its second compiler would nearly double what a start costs, and never repay it. */
    public static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";

    /** Beside the packaged service, if the build made one. */
    public static final Path AOT_CACHE = packaged().resolveSibling("app.aot");

    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(100);

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    private final Process process;
    private final URI url;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    private ServiceProcess(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    /**
     * Returns before the service is ready.
     *
     * @param environment its settings; of this process's own environment it gets everything but the variables of the
     *     service, those whose name starts with {@code QUARKUS_} or {@code REGISTRY_}. {@code JAVA_OPTS} holds options of
     *     its JVM, separated by blanks
     * @param port to listen on, or 0 for a free one
     * @param output the file that gets what it prints, at its end; null leaves that to the streams of this process
     */
    public static ServiceProcess start(Map<String, String> environment, int port, @Nullable Path output) {
        return start(packaged(), environment, port, output);
    }

    /**
     * The same, of another version.
     *
     * @param service its {@code quarkus-run.jar}, in its folder
     */
    public static ServiceProcess start(Path service, Map<String, String> environment, int port, @Nullable Path output) {
        if (!Files.isRegularFile(service)) {
            throw new IllegalStateException("The service is not packaged yet: there is no " + service);
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Path cache = service.resolveSibling(AOT_CACHE.getFileName());
        if (Files.isRegularFile(cache)) {
            command.add("-XX:AOTCache=" + cache);
        }
        BLANKS.splitAsStream(environment.getOrDefault("JAVA_OPTS", ""))
                .filter(option -> !option.isEmpty())
                .forEach(command::add);
        command.add("-jar");
        command.add(service.toString());

        int listen = port == 0 ? Ports.free() : port;
        ProcessBuilder builder = new ProcessBuilder(command);
        // Secrets are among the settings, and everybody on the machine can read a command line.
        Map<String, String> inherited = builder.environment();
        inherited.keySet().removeIf(name -> name.startsWith("QUARKUS_") || name.startsWith("REGISTRY_"));
        // No load balancer has to see that it stops.
        inherited.put("QUARKUS_SHUTDOWN_DELAY", "0S");
        inherited.putAll(environment);
        inherited.put("QUARKUS_HTTP_PORT", Integer.toString(listen));
        if (output == null) {
            builder.inheritIO();
        } else {
            builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        }
        try {
            return new ServiceProcess(builder.start(), URI.create("http://" + host(environment) + ":" + listen));
        } catch (IOException e) {
            throw new UncheckedIOException("The service cannot be started", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** Without a slash at its end. */
    public URI url() {
        return url;
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** @return false if the process ended, or was not ready in time */
    public boolean awaitReady(Duration patience) throws InterruptedException {
        HttpRequest probe = HttpRequest.newBuilder(URI.create(url + "/q/health/ready"))
                .timeout(Duration.ofSeconds(2))
                .build();
        long deadline = System.nanoTime() + patience.toNanos();
        while (!isReady(probe)) {
            boolean ended = process.waitFor(BETWEEN_PROBES.toMillis(), TimeUnit.MILLISECONDS);
            if (ended || System.nanoTime() > deadline) {
                return false;
            }
        }
        return true;
    }

    /** Waits until the process has ended by whatever cause, and returns its exit code. */
    public int awaitEnd() throws InterruptedException {
        return process.waitFor();
    }

    /** Ends it at once, as {@code kill -9} does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops it where it is, without its knowledge, until {@link #thaw}. */
    public void freeze() throws InterruptedException {
        Processes.signal(process.toHandle(), "STOP");
    }

    /** Lets it go on where it stopped. */
    public void thaw() throws InterruptedException {
        Processes.signal(process.toHandle(), "CONT");
    }

    /** Lets it finish what it does, for half a minute at most. A repeated call does nothing. */
    @Override
    public void close() {
        Processes.stop(process.toHandle(), GRACE);
    }

    private boolean isReady(HttpRequest probe) throws InterruptedException {
        try {
            return process.isAlive()
                    && http.send(probe, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static String host(Map<String, String> environment) {
        String host = environment.getOrDefault("QUARKUS_HTTP_HOST", "");
        return host.isBlank() || host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
    }

    /** Found from this class, whose folder is a neighbour in the same build. */
    private static Path packaged() {
        try {
            Path testClasses = Path.of(ServiceProcess.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return testClasses.resolveSibling("quarkus-app").resolve("quarkus-run.jar");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
