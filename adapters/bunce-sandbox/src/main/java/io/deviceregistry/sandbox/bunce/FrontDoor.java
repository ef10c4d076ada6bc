package io.deviceregistry.sandbox.bunce;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Takes a request off the wire, has it answered, holds the answer back if told to, and sends it. */
final class FrontDoor implements HttpHandler {

    private static final System.Logger LOG = System.getLogger(FrontDoor.class.getName());

    private final String apiKey;
    private final BunceApi bunce;
    private final ControlApi control;
    private final CurrentBehaviour behaviour;
    private final CountDownLatch closing = new CountDownLatch(1);

    FrontDoor(String apiKey, BunceApi bunce, ControlApi control, CurrentBehaviour behaviour) {
        this.apiKey = apiKey;
        this.bunce = bunce;
        this.control = control;
        this.behaviour = behaviour;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(Incoming.read(exchange, apiKey)));
        }
    }

    /** Lets the answers go that are held back. */
    void close() {
        closing.countDown();
    }

    private Answer answer(Incoming incoming) {
        try {
            if (ControlApi.owns(incoming.target())) {
                return control.answer(incoming);
            }
            Behaviour inForce = behaviour.get();
            Answer answer = bunce.answer(incoming, inForce);
            hold(inForce.delay());
            return answer;
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The sandbox could not carry out a call", e);
            return Answer.error(500, "The sandbox failed: " + e.getMessage());
        }
    }

    private void hold(Duration delay) {
        try {
            closing.await(delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        if (answer.body().isMissingNode() || exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(answer.status(), -1);
            return;
        }
        byte[] body = Json.MAPPER.writeValueAsBytes(answer.body());
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
    }
}
