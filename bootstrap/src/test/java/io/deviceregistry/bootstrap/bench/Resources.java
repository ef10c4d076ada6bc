package io.deviceregistry.bootstrap.bench;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The scripts of load generators. */
final class Resources {
    private Resources() {}

    static String text(String name) {
        try (InputStream stream = requireNonNull(Resources.class.getResourceAsStream("/bench/" + name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
