package io.deviceregistry.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A caller of one replica, who insists on answers as the replica's OpenAPI document describes them. */
final class RegistryClient {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI url;
    private final String key;

    RegistryClient(URI url, String key) {
        this.url = url;
        this.key = key;
    }

    URI url() {
        return url;
    }

    /** An answer, with its body as JSON on request. */
    record Answer(int status, String contentType, String body, HttpHeaders headers) {
        JsonNode json() {
            return Deployment.json(body);
        }

        /** The text at a JSON pointer into the body. */
        String text(String pointer) {
            return json().at(pointer).asText();
        }

        /** The names of the members of the object at a JSON pointer, in their order. */
        List<String> members(String pointer) {
            return json().at(pointer).properties().stream()
                    .map(Map.Entry::getKey)
                    .toList();
        }

        /** Of the first device in it. */
        String deviceId() {
            return text("/devices/0/device_id");
        }

        /** Empty if there is none. */
        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    Answer register(String customer, String... typeAndToken) throws IOException, InterruptedException {
        StringBuilder devices = new StringBuilder();
        for (int i = 0; i < typeAndToken.length; i += 2) {
            devices.append(i == 0 ? "" : ",")
                    .append("{\"device_type\":\"%s\",\"device_token\":\"%s\"}"
                            .formatted(typeAndToken[i], typeAndToken[i + 1]));
        }
        return post("/v1/customers/" + customer + "/devices", "{\"devices\":[" + devices + "]}");
    }

    Answer list(String customer) throws IOException, InterruptedException {
        return get("/v1/customers/" + customer + "/devices");
    }

    /** How Bunce stands towards a device. */
    JsonNode sync(String customer, String device) throws IOException, InterruptedException {
        return get("/v1/customers/" + customer + "/devices/" + device + "/sync")
                .json()
                .at("/providers/0");
    }

    void awaitSync(String customer, String device, String state) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(25))
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(sync(customer, device).path("state").asText())
                                .isEqualTo(state));
    }

    /** What a device's path gets. */
    Answer device(String customer, String device) throws IOException, InterruptedException {
        return get(path(customer, device));
    }

    static String path(String customer, String device) {
        return "/v1/customers/" + customer + "/devices/" + device;
    }

    Answer get(String path, String... headers) throws IOException, InterruptedException {
        return send(authorized(path, headers).GET());
    }

    Answer delete(String path, String... headers) throws IOException, InterruptedException {
        return send(authorized(path, headers).DELETE());
    }

    Answer post(String path, String body, String... headers) throws IOException, InterruptedException {
        return send(json("POST", path, body, headers));
    }

    Answer put(String path, String body) throws IOException, InterruptedException {
        return send(json("PUT", path, body));
    }

    Answer patch(String path, String body, String... headers) throws IOException, InterruptedException {
        return send(json("PATCH", path, body, headers));
    }

    private HttpRequest.Builder json(String method, String path, String body, String... headers) {
        return authorized(path, headers)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body));
    }

    /** @param headers a name, its value, the next name and so on */
    HttpRequest.Builder authorized(String path, String... headers) {
        HttpRequest.Builder request = request(path).header("X-Authorization", key);
        return headers.length == 0 ? request : request.headers(headers);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
    }

    Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        OpenApiDocument.servedBy(url).check(response);
        return new Answer(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                response.body(),
                response.headers());
    }
}
