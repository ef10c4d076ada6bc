package io.deviceregistry.bootstrap.e2e;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Requests that are sent as they are written, where a client would mend or refuse them. */
final class RawHttp {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String VERSION = "HTTP/1.1 ";

    private RawHttp() {}

    /** Sends a request's head and leaves the rest to the caller. */
    static Socket begin(URI service, String method, String path, String... headers) throws IOException {
        StringBuilder head = new StringBuilder(
                "%s %s %sHost: registry\r\nConnection: close\r\n".formatted(method, path, VERSION.strip() + "\r\n"));
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        Socket socket = new Socket(service.getHost(), service.getPort());
        socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** @return all that is answered to a request without a body */
    static String send(URI service, String method, String path, String... headers) throws IOException {
        try (Socket socket = begin(service, method, path, headers)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The status of such an answer. */
    static int status(String answer) {
        return Integer.parseInt(answer.substring(VERSION.length(), VERSION.length() + 3));
    }
}
