package io.deviceregistry.bootstrap.e2e;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ServerSocketFactory;

/** What lies between the service and a provider: a relay of TCP connections that fails as networks do. */
final class Wire implements AutoCloseable {
    private static final int BACKLOG = 1_024;

    /** What becomes of bytes that come in while it is in force. */
    enum Mode {
        /** They pass. */
        OPEN,
        /** Those of the service pass; the first of an answer reset the connection, so that the answer is lost. */
        RESETTING,
        /**
         * Those of the service are taken and lost, and nothing is answered: the connection is half open, and stays so in
         * any other mode.
         */
        DEAF,
        /** Those of the service pass; answers wait for another mode. */
        MUTE
    }

    private final ServerSocket listener;
    private final InetSocketAddress target;
    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private Mode mode = Mode.OPEN;
    private int lost;
    private int held;
    private int resets;

    Wire(int targetPort) {
        this(targetPort, ServerSocketFactory.getDefault());
    }

    /** @param listeners which may end TLS here */
    Wire(int targetPort, ServerSocketFactory listeners) {
        target = new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort);
        try {
            listener = listeners.createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("wire").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    synchronized void set(Mode next) {
        mode = next;
        notifyAll();
    }

    /** Connections whose bytes were lost so far. */
    synchronized int lost() {
        return lost;
    }

    /** Answers that wait now. */
    synchronized int held() {
        return held;
    }

    /** Connections that were reset so far. */
    synchronized int resets() {
        return resets;
    }

    /** Resets all connections that there are. */
    void reset() {
        relays.forEach(Relay::reset);
    }

    @Override
    public void close() {
        set(Mode.OPEN);
        closeQuietly(listener);
        relays.forEach(Relay::close);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Relay relay = new Relay(listener.accept());
                relays.add(relay);
                Thread.ofVirtual().start(relay::upwards);
            } catch (IOException e) {
                // Closed: the condition tells.
            }
        }
    }

    private synchronized Mode mode() {
        return mode;
    }

    private synchronized void countLost() {
        lost++;
    }

    /** Returns the mode in which it is no longer held. */
    private synchronized Mode awaitVoice() throws InterruptedException {
        held++;
        try {
            while (mode == Mode.MUTE) {
                wait();
            }
            return mode;
        } finally {
            held--;
        }
    }

    private static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // Nothing is left to be done about it.
        }
    }

    /** One connection of the service, and its continuation to the provider. */
    private final class Relay {
        private final Socket service;
        private final Socket provider = new Socket();
        private boolean deaf;

        Relay(Socket service) {
            this.service = service;
        }

        void upwards() {
            try {
                provider.connect(target);
                Thread.ofVirtual().start(this::downwards);
                byte[] buffer = new byte[8_192];
                InputStream in = service.getInputStream();
                int count;
                while ((count = in.read(buffer)) >= 0) {
                    if (!deaf && mode() == Mode.DEAF) {
                        deaf = true;
                        countLost();
                    }
                    if (!deaf) {
                        provider.getOutputStream().write(buffer, 0, count);
                    }
                }
            } catch (IOException e) {
                // One of the two has gone, so the other has nobody to talk to.
            }
            close();
        }

        private void downwards() {
            try {
                byte[] buffer = new byte[8_192];
                InputStream in = provider.getInputStream();
                int count;
                while ((count = in.read(buffer)) >= 0) {
                    if (awaitVoice() == Mode.RESETTING) {
                        reset();
                    }
                    service.getOutputStream().write(buffer, 0, count);
                }
            } catch (IOException e) {
                // As above.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            close();
        }

        void reset() {
            try {
                // Data that is not sent yet is dropped, and the peer gets a reset in place of an end.
                service.setSoLinger(true, 0);
                synchronized (Wire.this) {
                    resets++;
                }
            } catch (IOException e) {
                // Closed already.
            }
            close();
        }

        void close() {
            closeQuietly(service);
            closeQuietly(provider);
            relays.remove(this);
        }
    }
}
