package io.deviceregistry.sandbox.bunce;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** @param body empty if it is over the limit */
record Incoming(String method, URI uri, String remoteAddress, boolean authorized, String body, boolean tooLarge) {

    private static final int LARGEST_BODY = 1 << 20;

    static Incoming read(HttpExchange exchange, String apiKey) throws IOException {
        InputStream in = exchange.getRequestBody();
        byte[] body = in.readNBytes(LARGEST_BODY + 1);
        boolean tooLarge = body.length > LARGEST_BODY;
        if (tooLarge) {
            // A sender that is still writing would see a reset connection instead of the answer.
            in.transferTo(OutputStream.nullOutputStream());
        }
        return new Incoming(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                exchange.getRemoteAddress().getAddress().getHostAddress(),
                apiKey.equals(exchange.getRequestHeaders().getFirst("X-Authorization")),
                tooLarge ? "" : new String(body, StandardCharsets.UTF_8),
                tooLarge);
    }

    Target target() {
        return Target.of(uri);
    }

    void requireBodyWithinLimit() {
        if (tooLarge) {
            throw new RefusedException(413, "The request body is over 1 MiB");
        }
    }
}
