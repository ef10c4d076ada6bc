package io.deviceregistry.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

public final class Directories {

    private Directories() {}

    /** With all that is in it; links are not followed. */
    public static void delete(Path root) throws IOException {
        try (Stream<Path> content = Files.walk(root)) {
            for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
