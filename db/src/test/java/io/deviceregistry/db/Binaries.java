package io.deviceregistry.db;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The server's programs, which the library unpacks once for each user when they are first needed. While one of these is
 * open, nobody else unpacks.
 */
final class Binaries implements AutoCloseable {

    private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

    private final FileChannel lock;

    private Binaries(FileChannel lock) {
        this.lock = lock;
    }

    /** Waits for others that unpack, and discards what one that was killed left half unpacked. */
    static Binaries reserve() {
        Path directory = directory();
        // A lock on a file is one of the whole process, and threads of it that want it as well get an exception.
        IN_THIS_PROCESS.lock();
        try {
            FileChannel channel = FileChannel.open(
                    directory.resolve("unpacking.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            Binaries reserved = new Binaries(channel);
            channel.lock();
            discardIncomplete(directory);
            return reserved;
        } catch (IOException e) {
            IN_THIS_PROCESS.unlock();
            throw new UncheckedIOException("The programs of PostgreSQL cannot be unpacked to " + directory, e);
        }
    }

    /**
     * Private to the user, and the library is told of it: its own choice is shared by all users of the machine, so it
     * fails for the second of them and everybody could put programs there.
     */
    static Path directory() {
        Path cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(home -> !home.isBlank())
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        // Two levels, because the library opens the lower one for everybody.
        Path ours = cache.toAbsolutePath().resolve("device-registry");
        Path directory = ours.resolve("postgresql");
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be used: set XDG_CACHE_HOME to a directory that can be written".formatted(directory), e);
        }
        System.setProperty("ot.epg.working-dir", directory.toString());
        return directory;
    }

    /** Repeatable. For the thread that reserved. */
    @Override
    public void close() {
        if (!lock.isOpen()) {
            return;
        }
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            IN_THIS_PROCESS.unlock();
        }
    }

    /** The library takes a file that exists for a good one, and marks the whole as complete when it has ended. */
    private static void discardIncomplete(Path directory) throws IOException {
        try (DirectoryStream<Path> unpacked = Files.newDirectoryStream(directory, "PG-*")) {
            for (Path programs : unpacked) {
                if (!Files.exists(programs.resolve(".exists"))) {
                    Directories.delete(programs);
                }
            }
        }
    }
}
