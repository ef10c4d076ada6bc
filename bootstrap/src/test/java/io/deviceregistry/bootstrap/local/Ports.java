package io.deviceregistry.bootstrap.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports that nobody listens on. */
public final class Ports {

    private static final int CONNECT_MILLIS = 500;

    /**
     * Below those that Linux and macOS give out by themselves, and from anywhere, as other builds may want some too: nobody
     * takes one in the seconds before the process that it is for listens on it.
     */
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(15_000, 30_000));

    private Ports() {}

    /** One that is free, and that nobody else of this JVM is told of. */
    public static int free() {
        int port;
        do {
            port = NEXT.getAndIncrement();
        } while (obstacle(port).isPresent());
        return port;
    }

    /** Why the port cannot be listened on, if so. */
    static Optional<String> obstacle(int port) {
        // Some systems let a second program listen on a port when the first one does so on one address only.
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return Optional.of("another program listens on it");
        } catch (IOException nobodyAnswers) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(port));
                return Optional.empty();
            } catch (IOException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
    }
}
