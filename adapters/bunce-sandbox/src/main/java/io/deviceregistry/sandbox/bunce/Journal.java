package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file of requests, one JSON object a line, each with the changes it made. A line is handed to the operating system
 * before its changes are made and its request is answered; it then survives the death of the process, though not a power
 * cut. Not thread-safe; one process at a time.
 */
final class Journal implements Closeable {

    private static final Set<StandardOpenOption> OPEN =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

    private final FileChannel channel;

    private Journal(FileChannel channel) {
        this.channel = channel;
    }

    record Entry(RecordedRequest request, List<Change> changes) {}

    /**
     * Hands over what the file holds, in order. A last line that is torn is cut off.
     *
     * @throws IllegalStateException if another sandbox uses the file, or a line before the last is not readable
     */
    static Journal open(Path file, Consumer<Entry> replay) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        FileChannel channel = FileChannel.open(file, OPEN, ownerOnly(file));
        try {
            lock(channel, file);
            long end = replay(file, replay);
            channel.truncate(end);
            channel.position(end);
            return new Journal(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    void append(Entry entry) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.write(Json.MAPPER.writeValueAsBytes(Line.of(entry)));
        line.write('\n');
        long start = channel.position();
        ByteBuffer bytes = ByteBuffer.wrap(line.toByteArray());
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            // Half a line would make the next one unreadable.
            if (channel.isOpen()) {
                channel.truncate(start);
            }
            throw e;
        }
    }

    void clear() throws IOException {
        channel.truncate(0);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        // The file holds tokens.
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static void lock(FileChannel channel, Path file) throws IOException {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException heldByThisProcess) {
            // Said below.
        }
        throw new IllegalStateException("The Bunce sandbox's journal " + file + " is in use by another sandbox.");
    }

    private static long replay(Path file, Consumer<Entry> replay) throws IOException {
        long end = 0;
        int number = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            byte @Nullable [] line;
            while ((line = nextLine(in)) != null) {
                number++;
                Entry entry = parse(line);
                if (entry != null) {
                    replay.accept(entry);
                    end += line.length + 1;
                } else if (in.read() >= 0) {
                    throw new IllegalStateException("Line " + number + " of the Bunce sandbox's journal " + file
                            + " is not readable; move the file away to start empty.");
                }
            }
        }
        return end;
    }

    /** Null at the end of the file, which includes a last line that was never finished. */
    private static byte @Nullable [] nextLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next;
        while ((next = in.read()) >= 0) {
            if (next == '\n') {
                return line.toByteArray();
            }
            line.write(next);
        }
        return null;
    }

    private static @Nullable Entry parse(byte[] line) {
        try {
            if (!(Json.MAPPER.readTree(line) instanceof ObjectNode json)) {
                return null;
            }
            if (json.has("time") && !json.has("arrived")) {
                // Written before there were faults, when calls took effect as they arrived.
                json.set("arrived", json.path("time"));
                json.putNull("fault");
            }
            return Json.MAPPER.treeToValue(json, Line.class).toEntry();
        } catch (IOException | DateTimeException unreadable) {
            return null;
        }
    }

    private record Line(
            String arrived,
            String time,
            String method,
            String path,
            boolean authorized,
            String body,
            int status,
            Fault.@Nullable Kind fault,
            List<Change> changes) {

        static Line of(Entry entry) {
            RecordedRequest request = entry.request();
            return new Line(
                    request.arrived().toString(),
                    request.at().toString(),
                    request.method(),
                    request.path(),
                    request.authorized(),
                    request.body(),
                    request.status(),
                    request.fault(),
                    entry.changes());
        }

        Entry toEntry() {
            return new Entry(
                    new RecordedRequest(
                            Instant.parse(arrived), Instant.parse(time), method, path, authorized, body, status, fault),
                    changes);
        }
    }
}
