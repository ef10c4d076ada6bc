package io.deviceregistry.db;

import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The server's programs in a jar that is not on the class path, where those of one version only have room. A record,
 * because the library remembers by equality what it has unpacked.
 */
record BinariesJar(Path jar) implements PgBinaryResolver {

    /** Throws nothing checked, which the library would turn into an {@link Error}. */
    @Override
    public InputStream getPgBinary(String system, String machineHardware) {
        try (ZipFile content = new ZipFile(jar.toFile())) {
            ZipEntry programs = content.stream()
                    .filter(entry -> entry.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("No programs of PostgreSQL are in " + jar));
            return new ByteArrayInputStream(content.getInputStream(programs).readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the programs of PostgreSQL in " + jar, e);
        }
    }
}
