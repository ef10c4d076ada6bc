package io.deviceregistry.bootstrap.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Where the local run keeps what must survive it. */
final class DataDirectory {

    static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;

    private DataDirectory(Path path) {
        this.path = path;
    }

    /** Creates it if need be, for this user alone. One that exists keeps its rights: it may serve others, too. */
    static DataDirectory open(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            Files.createDirectories(absolute, PRIVATE_DIRECTORY);
        } catch (IOException e) {
            throw new CannotRunException(
                    "The data directory %s cannot be created (%s): set REGISTRY_DATA_DIR to one that can."
                            .formatted(absolute, e),
                    e);
        }
        return new DataDirectory(absolute);
    }

    Path path() {
        return path;
    }

    Path postgresql() {
        return path.resolve("postgresql");
    }

    Path sandboxJournal() {
        return path.resolve("bunce-sandbox.ndjson");
    }

    Secrets secrets() {
        return new Secrets(path.resolve("secrets"));
    }

    ServiceRecords services() {
        return new ServiceRecords(path.resolve("services"));
    }

    /**
     * Makes this process the one that runs the database of the directory, until it closes the lock or ends.
     *
     * @throws CannotRunException if another process does
     */
    AutoCloseable lock() {
        Path file = path.resolve("lock");
        try {
            FileChannel channel =
                    FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE_FILE);
            if (channel.tryLock() == null) {
                String holder = Files.readString(file).strip();
                channel.close();
                throw new CannotRunException("""
                        %s is in use by process %s: for a second replica set QUARKUS_DATASOURCE_JDBC_URL to the URL \
                        which that one printed, and QUARKUS_HTTP_PORT to a free port.""".formatted(path, holder));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            return channel;
        } catch (IOException e) {
            throw new CannotRunException(
                    "The data directory %s cannot be written (%s): set REGISTRY_DATA_DIR to one that can."
                            .formatted(path, e),
                    e);
        }
    }
}
