package io.deviceregistry.db;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import javax.sql.DataSource;

/**
 * A physical copy of a server that runs, as {@code pg_basebackup} makes one, which is not among the programs of the library.
 * The write-ahead log is left out: a standby is sent it.
 */
final class BaseBackup extends SimpleFileVisitor<Path> {
    /** What belongs to the running server alone; the directories are needed, and not what is in them. */
    private static final Set<String> NOT_COPIED = Set.of("postmaster.pid", "postmaster.opts");

    private static final Set<String> EMPTY = Set.of("pg_wal", "pg_replslot", "pg_stat_tmp", "pg_dynshmem", "pg_notify");

    private final Path from;
    private final Path to;

    private BaseBackup(Path from, Path to) {
        this.from = from;
        this.to = to;
    }

    /**
     * @param superuser of the server
     * @param from its data directory
     * @param to is created
     */
    static void of(DataSource superuser, Path from, Path to) throws SQLException, IOException {
        // One session begins and ends it.
        try (Connection connection = superuser.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('standby', fast => true)");
            Files.walkFileTree(from, new BaseBackup(from, to));
            try (ResultSet end =
                    statement.executeQuery("SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)")) {
                end.next();
                Files.writeString(to.resolve("backup_label"), end.getString("labelfile"));
            }
        }
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
        Files.createDirectory(
                to.resolve(from.relativize(directory)),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return from.equals(directory.getParent())
                        && EMPTY.contains(directory.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        if (!NOT_COPIED.contains(file.getFileName().toString())) {
            try {
                Files.copy(file, to.resolve(from.relativize(file)));
            } catch (NoSuchFileException dropped) {
                // The server did so meanwhile, and the log says so.
            }
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }
}
