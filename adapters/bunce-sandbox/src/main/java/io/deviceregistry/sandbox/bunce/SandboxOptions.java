package io.deviceregistry.sandbox.bunce;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * @param port the loopback port, or 0 for any free one
 * @param apiKey what {@code X-Authorization} must equal
 * @param journal the file that outlives the process, made if missing; null keeps everything in memory only. It holds
 *     tokens in the clear and grows until the sandbox is told to forget
 */
public record SandboxOptions(
        int port, String apiKey, @Nullable Path journal) {

    public SandboxOptions {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("The sandbox's port must be 0 to 65535, not " + port + ".");
        }
        if (apiKey.isBlank()) {
            throw new IllegalArgumentException("The sandbox's API key must not be blank.");
        }
    }

    @Override
    public String toString() {
        return "SandboxOptions[port=" + port + ", apiKey=***, journal=" + journal + "]";
    }
}
