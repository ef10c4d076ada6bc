package io.deviceregistry.bootstrap.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A program that a JDK and Maven do not bring. */
enum Program {
    WRK("wrk", "wrk"),
    PGBENCH("pgbench", "postgresql postgresql-contrib");

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private final String command;
    private final String packages;

    Program(String command, String packages) {
        this.command = command;
        this.packages = packages;
    }

    /** @throws BenchException saying what to install, if it is not there */
    Path path() {
        return find().orElseThrow(() -> new BenchException(
                "There is no %s on the PATH: install it (apt-get install %s).".formatted(command, packages)));
    }

    private Optional<Path> find() {
        List<Path> candidates = new ArrayList<>(versionsOfDebian());
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            candidates.add(Path.of(directory, command));
        }
        return candidates.stream().filter(Files::isExecutable).findFirst();
    }

    /** Debian puts a program of its own on the PATH, which looks for a server first; the newest version goes first. */
    private List<Path> versionsOfDebian() {
        if (!Files.isDirectory(DEBIAN)) {
            return List.of();
        }
        List<Path> versions = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(DEBIAN)) {
            directories.forEach(versions::add);
        } catch (IOException e) {
            throw new BenchException("%s cannot be read".formatted(DEBIAN), e);
        }
        return versions.stream()
                .filter(version ->
                        NUMBER.matcher(version.getFileName().toString()).matches())
                .sorted(Comparator.comparing((Path version) ->
                                Integer.valueOf(version.getFileName().toString()))
                        .reversed())
                .map(version -> version.resolve("bin").resolve(command))
                .toList();
    }

    /** @return what it printed, when it was content */
    String run(List<String> arguments, Map<String, String> environment, Path directory) throws InterruptedException {
        List<String> line = new ArrayList<>(arguments);
        line.addFirst(path().toString());
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return output(builder);
    }

    private String output(ProcessBuilder builder) throws InterruptedException {
        Process process = null;
        try {
            process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new BenchException("%s failed: %s".formatted(String.join(" ", builder.command()), output));
            }
            return output;
        } catch (IOException e) {
            throw new BenchException("%s cannot be run".formatted(command), e);
        } finally {
            if (process != null) {
                process.destroy();
            }
        }
    }
}
