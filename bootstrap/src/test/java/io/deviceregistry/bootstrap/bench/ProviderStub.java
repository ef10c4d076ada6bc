package io.deviceregistry.bootstrap.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;

/**
 * A Bunce that accepts everything at once, and counts it. Prints its port, and ends when its input does. All of it happens
 * on one thread of Vert.x.
 */
final class ProviderStub {
    /** {@code GET} tells how many devices arrived and how long it took from the first to the last; {@code DELETE} forgets. */
    static final String DELIVERIES = "/deliveries";

    private static final double NANOS = 1e9;

    private long ids;
    private long delivered;
    private long first;
    private long last;

    private ProviderStub() {}

    public static void main(String[] arguments) throws IOException {
        ProviderStub stub = new ProviderStub();
        HttpServer server = Vertx.vertx()
                .createHttpServer()
                .requestHandler(stub::answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        System.out.println(server.actualPort());
        while (System.in.read() >= 0) {
            // Nobody writes; the end is waited for.
        }
        System.exit(0);
    }

    private void answer(HttpServerRequest request) {
        if (DELIVERIES.equals(request.path())) {
            if (request.method().equals(HttpMethod.DELETE)) {
                delivered = 0;
            }
            JsonObject told = new JsonObject().put("devices", delivered).put("seconds", (last - first) / NANOS);
            respond(request, 200, told.toBuffer());
        } else if (request.method().equals(HttpMethod.POST)) {
            request.bodyHandler(body -> created(request, body));
        } else if (request.method().equals(HttpMethod.PATCH)) {
            request.bodyHandler(_ -> respond(request, 200, Buffer.buffer("true")));
        } else {
            // Not every Bunce tells what it holds.
            respond(request, 405, Buffer.buffer("{}"));
        }
    }

    /** With what it was sent and ids, as the real one does. */
    private void created(HttpServerRequest request, Buffer body) {
        JsonArray created = new JsonObject(body).getJsonArray("devices");
        for (int i = 0; i < created.size(); i++) {
            created.getJsonObject(i).put("device_id", Long.toString(++ids));
        }
        last = System.nanoTime();
        first = delivered == 0 ? last : first;
        delivered += created.size();
        respond(request, 201, new JsonObject().put("devices", created).toBuffer());
    }

    private static void respond(HttpServerRequest request, int status, Buffer body) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(body);
    }
}
