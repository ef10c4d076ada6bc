package io.deviceregistry.db;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The server process that a data directory's {@code postmaster.pid} speaks of. */
final class Postmaster {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path dataDirectory;
    private final Path pidFile;

    Postmaster(Path dataDirectory) {
        this.dataDirectory = dataDirectory;
        this.pidFile = dataDirectory.resolve("postmaster.pid");
    }

    /**
     * Makes the data directory free to be started from: ends a server that still runs in it and takes away a pid file
     * that would make the next server refuse. Does nothing where there is nothing to do.
     *
     * <p>For the owner of the directory only: it does not ask whether somebody still uses that server.
     */
    void clear() {
        if (!Files.exists(pidFile)) {
            return;
        }
        Optional<Long> pid = recordedPid();
        Optional<ProcessHandle> process = pid.flatMap(ProcessHandle::of).filter(Postmaster::isRunning);
        if (process.filter(this::serves).isPresent()) {
            stop(process.get());
        } else if (process.isPresent() || pid.isEmpty()) {
            // The next server would refuse: because the pid is alive, whoever has it by now, or because it cannot be
            // read. The pid of a dead process is left to it: it looks for survivors of that one.
            delete();
        }
    }

    /** Ends the server at once, as a crash does: it finishes nothing, and the next one has to recover. */
    void crash() {
        ProcessHandle server = running();
        signal(server, "-QUIT");
        awaitEndOf(server);
    }

    /** Ends the server and its children at once, by a signal that none of them can see. */
    void kill() {
        ProcessHandle server = running();
        List<ProcessHandle> children = server.descendants().toList();
        server.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        awaitEndOf(server);
        children.forEach(this::awaitEndOf);
    }

    /** Stops the server and its children where they are, until {@link #thaw}. */
    void freeze() {
        ProcessHandle server = running();
        // First, so that it makes no more of them.
        signal(server, "-STOP");
        server.descendants().forEach(child -> signal(child, "-STOP"));
    }

    void thaw() {
        ProcessHandle server = running();
        server.descendants().forEach(child -> signal(child, "-CONT"));
        signal(server, "-CONT");
    }

    private ProcessHandle running() {
        return recordedPid()
                .flatMap(ProcessHandle::of)
                .filter(Postmaster::isRunning)
                .filter(this::serves)
                .orElseThrow(() -> new IllegalStateException("No server runs in " + dataDirectory));
    }

    private void awaitEndOf(ProcessHandle process) {
        if (!awaitEnd(process)) {
            throw new IllegalStateException("The PostgreSQL of %s (process %d) does not end; stop it by hand"
                    .formatted(dataDirectory, process.pid()));
        }
    }

    /** Told by its command line and not by its start time, because setting the clock moves the latter. */
    private boolean serves(ProcessHandle process) {
        ProcessHandle.Info info = process.info();
        boolean postgres = info.command()
                .filter(command -> Path.of(command).endsWith("postgres"))
                .isPresent();
        List<String> arguments = List.of(info.arguments().orElse(new String[0]));
        int option = arguments.indexOf("-D");
        return postgres
                && option >= 0
                && option + 1 < arguments.size()
                && isDataDirectory(Path.of(arguments.get(option + 1)));
    }

    private boolean isDataDirectory(Path named) {
        try {
            return Files.isSameFile(named, dataDirectory);
        } catch (IOException gone) {
            return false;
        }
    }

    private void stop(ProcessHandle server) {
        List<ProcessHandle> workers = server.descendants().toList();
        // Java can send SIGTERM, after which a server waits for its clients to leave; SIGINT is the fast shutdown.
        signal(server, "-INT");
        if (awaitEnd(server)) {
            return;
        }
        server.destroyForcibly();
        workers.forEach(ProcessHandle::destroyForcibly);
        if (!awaitEnd(server) || !workers.stream().allMatch(Postmaster::awaitEnd)) {
            throw new IllegalStateException("The PostgreSQL of %s (process %d) cannot be stopped; stop it by hand"
                    .formatted(dataDirectory, server.pid()));
        }
    }

    private static void signal(ProcessHandle process, String signal) {
        try {
            new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("The command kill is needed to stop a server and cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean awaitEnd(ProcessHandle process) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (isRunning(process) && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !isRunning(process);
    }

    /** An ended process that nobody waited for keeps its pid and is alive to Java, but has no command any more. */
    static boolean isRunning(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }

    private Optional<Long> recordedPid() {
        try {
            return Files.readAllLines(pidFile).stream().findFirst().map(line -> Long.valueOf(line.strip()));
        } catch (IOException | NumberFormatException unreadable) {
            return Optional.empty();
        }
    }

    private void delete() {
        try {
            Files.deleteIfExists(pidFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
