package io.deviceregistry.sandbox.bunce;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Takes a request off the wire, has it answered, holds the answer back if told to, and sends it, whole or not. */
final class FrontDoor implements HttpHandler {

    private static final System.Logger LOG = System.getLogger(FrontDoor.class.getName());

    private static final byte[] RUBBISH =
            "<!DOCTYPE html><title>Welcome</title><p>It works!".getBytes(StandardCharsets.UTF_8);

    private final String apiKey;
    private final BunceApi bunce;
    private final ControlApi control;
    private final CurrentBehaviour behaviour;
    private final Closing closing;

    FrontDoor(String apiKey, BunceApi bunce, ControlApi control, CurrentBehaviour behaviour, Closing closing) {
        this.apiKey = apiKey;
        this.bunce = bunce;
        this.control = control;
        this.behaviour = behaviour;
        this.closing = closing;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(Incoming.read(exchange, apiKey)));
        }
    }

    private Reply answer(Incoming incoming) {
        try {
            if (ControlApi.owns(incoming.target())) {
                return Reply.unhurt(control.answer(incoming));
            }
            Behaviour inForce = behaviour.get();
            Reply reply = bunce.answer(incoming, inForce);
            closing.await(inForce.delay());
            return reply;
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The sandbox could not carry out a call", e);
            return Reply.unhurt(Answer.error(500, "The sandbox failed: " + e.getMessage()));
        }
    }

    private void send(HttpExchange exchange, Reply reply) throws IOException {
        Fault fault = reply.fault();
        Fault.Kind kind = fault == null ? null : fault.kind();
        if (kind == Fault.Kind.DROP) {
            // An exchange that ends without an answer closes its connection.
            return;
        }
        Answer answer = reply.answer();
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        if (answer.body().isMissingNode() || exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(answer.status(), -1);
            return;
        }
        if (kind == Fault.Kind.RUBBISH) {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, RUBBISH.length);
            exchange.getResponseBody().write(RUBBISH);
            return;
        }
        byte[] body = Json.MAPPER.writeValueAsBytes(answer.body());
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer.status(), body.length);
        OutputStream out = exchange.getResponseBody();
        if (kind == Fault.Kind.CUT) {
            // So does one whose body is shorter than was said.
            out.write(body, 0, body.length / 2);
            out.flush();
        } else if (fault != null && kind == Fault.Kind.DRIBBLE) {
            dribble(out, body, fault.time());
        } else {
            out.write(body);
        }
    }

    private void dribble(OutputStream out, byte[] body, Duration time) throws IOException {
        Duration between = time.dividedBy(body.length);
        for (byte one : body) {
            closing.await(between);
            out.write(one);
            out.flush();
        }
    }
}
