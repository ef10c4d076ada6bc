package io.deviceregistry.bootstrap.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Bunce that accepts everything at once. Prints its port, and ends when its input does.
 */
final class ProviderStub {
    private final AtomicLong devices = new AtomicLong();

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
        if (request.method().equals(HttpMethod.POST)) {
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
            created.getJsonObject(i).put("device_id", Long.toString(devices.incrementAndGet()));
        }
        respond(request, 201, new JsonObject().put("devices", created).toBuffer());
    }

    private static void respond(HttpServerRequest request, int status, Buffer body) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(body);
    }
}
