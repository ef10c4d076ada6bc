package io.deviceregistry.bootstrap.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;

/** Keys that are made once and kept in files that only their owner can read. */
final class Secrets {

    private static final int BYTES = 32;

    private final Path directory;

    Secrets(Path directory) {
        this.directory = directory;
    }

    /**
     * The base64 of 32 random bytes: the same for every call, in whichever process, even if the first ones come at once.
     *
     * @throws CannotRunException if the file holds something else; a new key could not read what the old one wrote
     */
    String key(String name) {
        Path file = directory.resolve(name);
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            String key = Files.readString(file).strip();
            if (!isKey(key)) {
                throw new CannotRunException(file + " does not hold the base64 of " + BYTES
                        + " bytes: restore it from a backup, or start with another REGISTRY_DATA_DIR.");
            }
            return key;
        } catch (IOException e) {
            throw new CannotRunException("%s cannot be read or written (%s).".formatted(file, e), e);
        }
    }

    private void create(Path file) throws IOException {
        Files.createDirectories(directory, DataDirectory.PRIVATE_DIRECTORY);
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        Path complete = directory.resolve("." + UUID.randomUUID());
        try {
            try (FileChannel channel = FileChannel.open(
                    complete,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    DataDirectory.PRIVATE_FILE)) {
                channel.write(ByteBuffer.wrap(
                        (Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.US_ASCII)));
                channel.force(true);
            }
            // A link and not a move: it never replaces the key that another process has just made.
            Files.createLink(file, complete);
        } catch (FileAlreadyExistsException anotherWasFaster) {
            // Theirs is read.
        } finally {
            Files.deleteIfExists(complete);
        }
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == BYTES;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }
}
