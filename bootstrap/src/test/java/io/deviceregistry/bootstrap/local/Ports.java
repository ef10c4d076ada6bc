package io.deviceregistry.bootstrap.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;

final class Ports {

    private static final int CONNECT_MILLIS = 500;

    private Ports() {}

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
