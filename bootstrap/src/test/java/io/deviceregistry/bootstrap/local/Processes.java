package io.deviceregistry.bootstrap.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

final class Processes {

    private static final Duration AFTER_FORCE = Duration.ofSeconds(5);

    private Processes() {}

    /** An ended process that nobody waited for keeps its pid and is alive to Java, but has no command any more. */
    static boolean isRunning(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }

    /** @param name as the command {@code kill} knows it: {@code STOP} */
    static void signal(ProcessHandle process, String name) throws InterruptedException {
        try {
            int exitCode = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException("Process " + process.pid() + " did not get SIG" + name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks it to end, with SIGTERM, and ends it by force when it has not within the grace. */
    static void stop(ProcessHandle process, Duration grace) {
        process.destroy();
        if (!awaitEnd(process, grace)) {
            process.destroyForcibly();
            awaitEnd(process, AFTER_FORCE);
        }
    }

    private static boolean awaitEnd(ProcessHandle process, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (isRunning(process) && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !isRunning(process);
    }
}
