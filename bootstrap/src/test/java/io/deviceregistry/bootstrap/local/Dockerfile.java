package io.deviceregistry.bootstrap.local;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the image is made of, and how it starts the service. */
public final class Dockerfile {
    private static final Path FILE = ServiceProcess.AOT_CACHE
            .resolve(Path.of("..", "..", "..", "src", "main", "docker", "Dockerfile"))
            .normalize();

    private Dockerfile() {}

    /** What follows the word, of each line that begins with it. */
    public static List<String> instructions(String word) {
        try (Stream<String> lines = Files.lines(FILE)) {
            return lines.filter(line -> line.startsWith(word + " "))
                    .map(line -> line.substring(word.length() + 1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A program and its arguments. */
    public static List<String> entryPoint() {
        try {
            return new JsonMapper().readValue(String.join(" ", instructions("ENTRYPOINT")), new TypeReference<>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those of its entry point; shares of the memory are of what the container may use. */
    public static List<String> optionsOfJava() {
        List<String> words = entryPoint();
        return words.subList(1, words.indexOf("-jar"));
    }
}
