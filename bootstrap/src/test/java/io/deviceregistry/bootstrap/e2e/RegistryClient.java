package io.deviceregistry.bootstrap.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

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
    record Answer(int status, String contentType, String body) {
        JsonNode json() {
            return Deployment.json(body);
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

    Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).header("X-Authorization", key).GET());
    }

    Answer post(String path, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("X-Authorization", key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
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
                response.body());
    }
}
