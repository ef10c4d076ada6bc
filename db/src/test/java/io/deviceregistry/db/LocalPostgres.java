package io.deviceregistry.db;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server on this machine, for tests and for the local run. It listens on the loopback address and asks
 * nobody for a password, so every user of the machine can read what it stores.
 *
 * <p>Its database {@code registry} belongs to the role {@code registry}, which is an ordinary one: what works here works
 * on a managed server.
 */
public final class LocalPostgres implements AutoCloseable {

    private static final String ROLE = "registry";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
    private static final String SUPERUSER = "postgres";
    private static final int ANY_PORT = 0;
    private static final Duration STARTUP = Duration.ofMinutes(1);

    private EmbeddedPostgres server;
    private final Path dataDirectory;
    private final @Nullable FileChannel lock;
    private final Map<String, String> settings;
    private final @Nullable BinariesJar binaries;
    private boolean crashed;
    private boolean closed;

    private LocalPostgres(
            EmbeddedPostgres server,
            Path dataDirectory,
            @Nullable FileChannel lock,
            Map<String, String> settings,
            @Nullable BinariesJar binaries) {
        this.server = server;
        this.dataDirectory = dataDirectory;
        this.lock = lock;
        this.settings = settings;
        this.binaries = binaries;
    }

    /** Gone, data and all, when it is closed or the JVM ends. Fast rather than durable. */
    public static LocalPostgres temporary() {
        return launchTemporary(null);
    }

    /**
     * The same, but from the programs in a jar, whatever their version. Texts sort as they do in the other servers; only
     * the letters of ASCII have an upper and a lower case.
     */
    public static LocalPostgres temporary(Path binaries) {
        return launchTemporary(new BinariesJar(binaries));
    }

    private static LocalPostgres launchTemporary(@Nullable BinariesJar binaries) {
        // A child of the directory where the library looks for the leftovers of JVMs that were killed.
        Path dataDirectory = Binaries.directory().resolve("data-" + UUID.randomUUID());
        EmbeddedPostgres server = launch(dataDirectory, Durability.NONE, binaries, ANY_PORT, Map.of());
        LocalPostgres postgres = new LocalPostgres(server, dataDirectory, null, Map.of(), binaries);
        Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop-" + dataDirectory.getFileName()));
        createRoleAndDatabase(server);
        return postgres;
    }

    /**
     * Keeps its data in the directory, which is created if need be; what was committed survives a power cut. Heals what
     * a killed owner left behind: a running server is stopped, a half-made database is made anew.
     *
     * @throws IllegalStateException if a living process, this one included, has the directory already
     */
    public static LocalPostgres persistent(Path dataDirectory) {
        return persistent(dataDirectory, Map.of());
    }

    /** The same, with settings of the server beside those that make it durable: {@code shared_buffers}, {@code 1GB}. */
    public static LocalPostgres persistent(Path dataDirectory, Map<String, String> settings) {
        return persistent(dataDirectory, settings, null);
    }

    /** The same, but from the programs in a jar, as a {@link #temporary(Path) temporary} one can be. */
    public static LocalPostgres persistent(Path dataDirectory, Path binaries) {
        return persistent(dataDirectory, Map.of(), new BinariesJar(binaries));
    }

    private static LocalPostgres persistent(
            Path dataDirectory, Map<String, String> settings, @Nullable BinariesJar binaries) {
        Path directory = dataDirectory.toAbsolutePath().normalize();
        FileChannel lock = lock(directory);
        try {
            discardUnfinished(directory);
            new Postmaster(directory).clear();
            if (!Files.exists(directory.resolve("PG_VERSION"))) {
                initialise(directory, binaries);
            }
            Path log = log(directory);
            if (Files.exists(log)) {
                Files.move(log, sibling(directory, ".log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            return new LocalPostgres(
                    launch(directory, binaries, settings, ANY_PORT), directory, lock, settings, binaries);
        } catch (IOException | RuntimeException e) {
            release(lock);
            throw e instanceof RuntimeException unchecked ? unchecked : new UncheckedIOException((IOException) e);
        }
    }

    /**
     * One that has all that another one has, and is sent what is committed there, until it is {@link #promote promoted}.
     * Durable; its clients can only read until then.
     *
     * @param name by which the other one knows it, for its {@code synchronous_standby_names}: a plain word
     * @param dataDirectory is created
     */
    public static LocalPostgres standby(LocalPostgres primary, String name, Path dataDirectory) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("Not a plain name of a standby: " + name);
        }
        Path directory = dataDirectory.toAbsolutePath().normalize();
        FileChannel lock = lock(directory);
        try {
            BaseBackup.of(primary.server.getPostgresDatabase(), primary.dataDirectory, directory);
            Files.writeString(
                    directory.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=localhost port=%d user=%s application_name=%s'%n"
                            .formatted(primary.port(), SUPERUSER, name));
            Files.createFile(directory.resolve("standby.signal"));
            return new LocalPostgres(launch(directory, null, Map.of(), ANY_PORT), directory, lock, Map.of(), null);
        } catch (IOException | SQLException | RuntimeException e) {
            release(lock);
            throw new IllegalStateException("There is no standby in " + directory, e);
        }
    }

    /** Returns when a standby is a primary; what it was not sent is not there. */
    public synchronized void promote() {
        asSuperuser("SELECT pg_promote()");
    }

    /** Changes a setting while it runs. */
    public synchronized void set(String setting, String value) {
        asSuperuser("ALTER SYSTEM SET %s = '%s'".formatted(setting, value));
        asSuperuser("SELECT pg_reload_conf()");
    }

    private void asSuperuser(String sql) {
        asSuperuser(server, sql);
    }

    /** Of the database {@code registry}. */
    public String jdbcUrl() {
        return jdbcUrl(ROLE);
    }

    public String username() {
        return ROLE;
    }

    /** Not checked by the server. */
    public String password() {
        return ROLE;
    }

    /** Who may do what the role of the service may not. */
    public String superuser() {
        return SUPERUSER;
    }

    public synchronized int port() {
        return server.getPort();
    }

    /**
     * Creates an empty database with the same owner.
     *
     * @param name a plain word in lower case, which nothing needs to quote
     * @return its URL
     */
    public synchronized String createDatabase(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("Not a plain name of a database: " + name);
        }
        createDatabase(server, name);
        return jdbcUrl(name);
    }

    /**
     * Ends the server at once, in its immediate mode: nothing under way is finished, and what was committed has to be
     * recovered. For a persistent one, until {@link #restart}.
     */
    public synchronized void crash() {
        if (lock == null) {
            throw new IllegalStateException("A temporary server would not recover from a crash");
        }
        new Postmaster(dataDirectory).crash();
        crashed = true;
        // What the library has of it, a lock above all.
        stop(server, dataDirectory);
    }

    /**
     * Ends the server and all its processes at once, as the loss of its machine does: nobody is told anything any more. For
     * a persistent one, until {@link #restart}.
     */
    public synchronized void kill() {
        if (lock == null) {
            throw new IllegalStateException("A temporary server would not recover from being killed");
        }
        new Postmaster(dataDirectory).kill();
        crashed = true;
        stop(server, dataDirectory);
    }

    /**
     * Stops the server and all its processes where they are, until {@link #thaw}: it takes connections, as the operating
     * system does for it, and answers nobody.
     */
    public synchronized void freeze() {
        new Postmaster(dataDirectory).freeze();
    }

    /** Lets a frozen server go on. */
    public synchronized void thaw() {
        new Postmaster(dataDirectory).thaw();
    }

    /** Starts a crashed or killed server again, on the same port, and returns when it has recovered. */
    public synchronized void restart() {
        if (!crashed) {
            throw new IllegalStateException("Only a server that crashed can be started again");
        }
        server = launch(dataDirectory, binaries, settings, server.getPort());
        crashed = false;
    }

    /** Disconnects the clients and ends the server; their open transactions are rolled back. Repeatable. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        stop(server, dataDirectory);
        if (lock == null) {
            deleteIfExists(log(dataDirectory));
        } else {
            release(lock);
        }
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    private String jdbcUrl(String database) {
        return "jdbc:postgresql://localhost:%d/%s".formatted(port(), database);
    }

    /** Under another name first: a directory with the right name is a complete one, its role and database included. */
    private static void initialise(Path directory, @Nullable BinariesJar binaries) throws IOException {
        Path unfinished = sibling(directory, ".new-" + UUID.randomUUID());
        EmbeddedPostgres server = launch(unfinished, binaries, Map.of(), ANY_PORT);
        try {
            createRoleAndDatabase(server);
        } finally {
            stop(server, unfinished);
        }
        try {
            Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new IllegalStateException(
                    directory + " is neither empty nor a database; move away what it holds, or take another", e);
        }
        Files.move(log(unfinished), log(directory), StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel parent = FileChannel.open(parent(directory), StandardOpenOption.READ)) {
            // A rename is durable once its directory is.
            parent.force(true);
        }
    }

    private static void discardUnfinished(Path directory) throws IOException {
        String pattern = directory.getFileName() + ".new-*";
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(parent(directory), pattern)) {
            for (Path leftover : leftovers) {
                new Postmaster(leftover).clear();
                try {
                    Directories.delete(leftover);
                } catch (IOException | UncheckedIOException stillWrittenTo) {
                    // By the initdb of a killed owner, which fails now. Its directory is never used; a later start
                    // deletes the rest.
                }
            }
        }
    }

    private static EmbeddedPostgres launch(
            Path directory, @Nullable BinariesJar binaries, Map<String, String> settings, int port) {
        return launch(directory, Durability.FULL, binaries, port, settings);
    }

    /** @param jar null for the programs on the class path */
    private static EmbeddedPostgres launch(
            Path directory, Durability durability, @Nullable BinariesJar jar, int port, Map<String, String> settings) {
        Binaries binaries = Binaries.reserve();
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(directory)
                .setCleanDataDirectory(durability == Durability.NONE)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(STARTUP)
                // By now they are unpacked; the start itself need not be waited for by others.
                .setDataDirectoryCustomizer(initialised -> binaries.close())
                // Not a pipe: it would break when this process is killed, and the server lives on.
                .setOutputRedirector(
                        ProcessBuilder.Redirect.appendTo(log(directory).toFile()))
                // The same order and the same letters everywhere, whatever the user's locale is.
                .setLocaleConfig("locale", "C")
                // No socket file in a directory that is shared with other users.
                .setServerConfig("unix_socket_directories", "");
        if (jar == null) {
            builder.setLocaleConfig("locale-provider", "builtin").setLocaleConfig("builtin-locale", "C.UTF-8");
        } else {
            // The provider came with PostgreSQL 17; these may be older.
            builder.setPgBinaryResolver(jar);
        }
        if (durability == Durability.FULL) {
            // The library turns both off; of a setting that is given twice the server takes the later.
            builder.setServerConfig("fsync", "on").setServerConfig("synchronous_commit", "on");
        }
        settings.forEach(builder::setServerConfig);
        try (binaries) {
            EmbeddedPostgres server = builder.start();
            checkIsOurs(server, directory);
            return server;
        } catch (IOException | RuntimeException | SQLException e) {
            new Postmaster(directory).clear();
            throw new IllegalStateException(
                    "PostgreSQL did not start in %s; %s tells why".formatted(directory, log(directory)), e);
        }
    }

    /** The library picks a port before the server takes it: whoever was faster would answer in its place. */
    private static void checkIsOurs(EmbeddedPostgres server, Path directory) throws IOException, SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery("SHOW data_directory")) {
            answer.next();
            if (!Files.isSameFile(Path.of(answer.getString(1)), directory)) {
                throw new IllegalStateException("Another server took port " + server.getPort());
            }
        }
    }

    private static void stop(EmbeddedPostgres server, Path directory) {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // The library gives up after five seconds.
            new Postmaster(directory).clear();
        }
    }

    private static void createRoleAndDatabase(EmbeddedPostgres server) {
        asSuperuser(server, "CREATE ROLE %1$s LOGIN PASSWORD '%1$s'".formatted(ROLE));
        createDatabase(server, ROLE);
    }

    private static void createDatabase(EmbeddedPostgres server, String name) {
        asSuperuser(server, "CREATE DATABASE %s OWNER %s".formatted(name, ROLE));
    }

    private static void asSuperuser(EmbeddedPostgres server, String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("The server refused: " + sql, e);
        }
    }

    private static FileChannel lock(Path directory) {
        Path file = sibling(directory, ".lock");
        try {
            Files.createDirectories(parent(directory));
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                throw new IllegalStateException("Another process runs the PostgreSQL of " + directory);
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            // The channel stays open: closing it would take the lock from the one of this process that has it.
            throw new IllegalStateException("This process runs the PostgreSQL of " + directory + " already", e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot lock " + file, e);
        }
    }

    private static void release(FileChannel lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteIfExists(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path log(Path directory) {
        return sibling(directory, ".log");
    }

    private static Path sibling(Path directory, String suffix) {
        return directory.resolveSibling(directory.getFileName() + suffix);
    }

    private static Path parent(Path directory) {
        Path parent = directory.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("A data directory needs a parent directory: " + directory);
        }
        return parent;
    }

    private enum Durability {
        NONE,
        FULL
    }
}
