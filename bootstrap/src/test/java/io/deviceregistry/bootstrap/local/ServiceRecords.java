package io.deviceregistry.bootstrap.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One small file for each service process that was started from a data directory. Its launcher holds a lock on it; a
 * file that is not locked is that of a launcher that was killed, and its process an orphan.
 */
final class ServiceRecords {

    private static final Duration GRACE = Duration.ofSeconds(20);
    /** How far two readings of a process's start may differ: the system counts in ticks since it booted. */
    private static final Duration SAME_START = Duration.ofSeconds(2);

    private final Path directory;

    ServiceRecords(Path directory) {
        this.directory = directory;
    }

    /** Closing the answer deletes the record. */
    AutoCloseable add(ProcessHandle service) {
        Path file = directory.resolve(Long.toString(service.pid()));
        try {
            Files.createDirectories(directory, DataDirectory.PRIVATE_DIRECTORY);
            FileChannel channel = FileChannel.open(
                    file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), DataDirectory.PRIVATE_FILE);
            // Locked first: a record that another launcher can lock is read as an orphan's.
            channel.lock();
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(startOf(service).toString().getBytes(StandardCharsets.US_ASCII)), 0);
            return () -> {
                Files.deleteIfExists(file);
                channel.close();
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends the services whose launcher is gone, and returns their pids. A process that merely has the pid of one by now
     * is left alone.
     */
    List<Long> stopOrphans() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Long> stopped = new ArrayList<>();
        try (DirectoryStream<Path> records = Files.newDirectoryStream(directory)) {
            for (Path record : records) {
                stopIfOrphan(record).ifPresent(stopped::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stopped;
    }

    private static Optional<Long> stopIfOrphan(Path record) throws IOException {
        try (FileChannel channel = FileChannel.open(record, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = tryLock(channel)) {
            if (lock == null) {
                return Optional.empty();
            }
            ByteBuffer content = ByteBuffer.allocate(64);
            channel.read(content, 0);
            String start = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII);
            Optional<ProcessHandle> orphan = process(record, start);
            orphan.ifPresent(process -> Processes.stop(process, GRACE));
            Files.deleteIfExists(record);
            return orphan.map(ProcessHandle::pid);
        } catch (NoSuchFileException endedMeanwhile) {
            return Optional.empty();
        }
    }

    private static Optional<ProcessHandle> process(Path record, String recordedStart) {
        try {
            long pid = Long.parseLong(String.valueOf(record.getFileName()));
            Instant start = Instant.parse(recordedStart);
            return ProcessHandle.of(pid)
                    .filter(Processes::isRunning)
                    .filter(process ->
                            Duration.between(start, startOf(process)).abs().compareTo(SAME_START) <= 0);
        } catch (DateTimeParseException | NumberFormatException notARecord) {
            return Optional.empty();
        }
    }

    private static Instant startOf(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException ofThisProcess) {
            return null;
        }
    }
}
