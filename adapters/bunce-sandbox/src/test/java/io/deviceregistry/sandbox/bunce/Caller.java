package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Calls a sandbox over HTTP with the right key, unless told otherwise. */
record Caller(URI root, String apiKey, HttpClient client) {

    static final String API_KEY = "sk_test_sandbox";
    static final String DEVICES = "/v1/customers/0000/devices";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Shared: a client of its own for each test would leave its threads behind. */
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    record Reply(int status, JsonNode json, HttpResponse<String> response) {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    static Caller of(BunceSandbox sandbox) {
        return new Caller(sandbox.baseUrl().resolve("/"), API_KEY, CLIENT);
    }

    Caller withKey(String key) {
        return new Caller(root, key, client);
    }

    Reply get(String path) {
        return send("GET", path, null);
    }

    Reply post(String path, String body) {
        return send("POST", path, body);
    }

    Reply put(String path, String body) {
        return send("PUT", path, body);
    }

    Reply patch(String path, String body) {
        return send("PATCH", path, body);
    }

    Reply addDevice(String customerId, String token) {
        return post("/v1/customers/" + customerId + "/devices", oneDevice("android", token));
    }

    static String oneDevice(String type, String token) {
        return "{\"devices\":[{\"device_type\":\"" + type + "\",\"device_token\":\"" + token + "\"}]}";
    }

    Reply send(String method, String path, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(root.resolve(path))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .timeout(Duration.ofSeconds(30));
        if (!apiKey.isEmpty()) {
            request.header("X-Authorization", apiKey);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            JsonNode json = response.body().isEmpty() ? MissingNode.getInstance() : MAPPER.readTree(response.body());
            return new Reply(response.statusCode(), json, response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
