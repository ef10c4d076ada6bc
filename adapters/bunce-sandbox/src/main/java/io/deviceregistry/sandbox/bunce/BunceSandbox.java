package io.deviceregistry.sandbox.bunce;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A running sandbox. Safe for use by several threads. */
public final class BunceSandbox implements AutoCloseable {

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    /** The default of 50 makes connections wait a second when hundreds are opened at once. */
    private static final int BACKLOG = 1_024;

    private final HttpServer server;
    private final URI baseUrl;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CurrentBehaviour behaviour = new CurrentBehaviour();
    private final Ledger ledger;
    private final Closing closing = new Closing();

    private BunceSandbox(SandboxOptions options, HttpServer server, Ledger ledger, InstantSource clock) {
        this.server = server;
        this.baseUrl = URI.create("http://" + LOOPBACK.getHostAddress() + ":"
                + server.getAddress().getPort() + "/v1");
        this.ledger = ledger;
        RateLimiter limiter = new RateLimiter();
        BunceApi bunce = new BunceApi(ledger, behaviour, limiter, clock, closing);
        ControlApi control = new ControlApi(ledger, behaviour, limiter);
        server.createContext("/", new FrontDoor(options.apiKey(), bunce, control, behaviour, closing));
    }

    /**
     * Returns when requests are accepted, with the journal's state if there is one.
     *
     * @throws UncheckedIOException if the port cannot be listened on, or the journal not be opened
     * @throws IllegalStateException if another sandbox uses the journal, or a line within it is not readable
     */
    public static BunceSandbox start(SandboxOptions options) {
        return start(options, InstantSource.system());
    }

    static BunceSandbox start(SandboxOptions options, InstantSource clock) {
        HttpServer server = listen(options.port());
        try {
            BunceSandbox sandbox = new BunceSandbox(options, server, new Ledger(clock, options.journal()), clock);
            server.setExecutor(sandbox.threads);
            server.start();
            return sandbox;
        } catch (IOException e) {
            server.stop(0);
            throw new UncheckedIOException(
                    "The Bunce sandbox cannot open its journal " + options.journal() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            server.stop(0);
            throw e;
        }
    }

    /** On the loopback address, ending in {@code /v1}. */
    public URI baseUrl() {
        return baseUrl;
    }

    /** The newest 10,000 at most, fewer if their bodies are large; newest last. Answers after closing, too. */
    public List<RecordedRequest> requests() {
        return ledger.requests();
    }

    /** Takes effect with the next call to arrive. */
    public void behave(Behaviour next) {
        behaviour.set(next);
    }

    /** What is left of the behaviour that was set last. */
    public Behaviour behaviour() {
        return behaviour.get();
    }

    /** Ends calls under way. The journal may be opened again afterwards. A repeated call does nothing. */
    @Override
    public void close() {
        closing.begin();
        server.stop(0);
        threads.close();
        try {
            ledger.close();
        } catch (IOException e) {
            throw new UncheckedIOException("The Bunce sandbox cannot close its journal: " + e.getMessage(), e);
        }
    }

    private static HttpServer listen(int port) {
        try {
            return HttpServer.create(new InetSocketAddress(LOOPBACK, port), BACKLOG);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The Bunce sandbox cannot listen on port " + port + ": " + e.getMessage() + ".", e);
        }
    }
}
