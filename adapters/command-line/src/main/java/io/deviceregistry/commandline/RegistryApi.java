package io.deviceregistry.commandline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** The service's REST interface, as far as commands need it. */
final class RegistryApi {
    private static final String URL = "REGISTRY_URL";
    private static final String KEY = "REGISTRY_API_KEY";
    private static final String LOCAL = "http://localhost:8080";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper MAPPER = new JsonMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final URI url;
    private final String key;

    private RegistryApi(URI url, String key) {
        this.url = url;
        this.key = key;
    }

    /** @throws RefusedException if a variable is missing or makes no sense */
    static RegistryApi of(Map<String, String> environment) {
        String key = environment.get(KEY);
        if (key == null) {
            throw new RefusedException("Set " + KEY + " to a key with the scope that this needs.");
        }
        try {
            return new RegistryApi(URI.create(environment.getOrDefault(URL, LOCAL)), key);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(URL + " is not an address.");
        }
    }

    JsonNode get(String path) {
        return call("GET", path, BodyPublishers.noBody());
    }

    JsonNode post(String path, JsonNode body) {
        return call("POST", path, BodyPublishers.ofString(body.toString()));
    }

    void delete(String path) {
        call("DELETE", path, BodyPublishers.noBody());
    }

    /** @throws RefusedException if the service refuses, or does not answer */
    private JsonNode call(String method, String path, BodyPublisher body) {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(url.resolve(path))
                    .header("X-Authorization", key)
                    .header("Content-Type", "application/json")
                    .timeout(PATIENCE)
                    .method(method, body)
                    .build();
        } catch (IllegalArgumentException e) {
            // The message may quote the key.
            throw new RefusedException(URL + " or " + KEY + " cannot be used in a request.");
        }
        try {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            JsonNode json = MAPPER.readTree(answer.body());
            if (answer.statusCode() >= 300) {
                throw new RefusedException(reason(answer.statusCode(), json));
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new RefusedException(url + " is not a device registry.");
        } catch (IOException e) {
            throw new RefusedException(url + " does not answer: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("Interrupted.");
        }
    }

    /** The problem's sentence, and every fault with its place. */
    private static String reason(int status, JsonNode problem) {
        StringBuilder reason =
                new StringBuilder(problem.path("detail").asText("The service answered with " + status + "."));
        for (JsonNode fault : problem.path("errors")) {
            reason.append(System.lineSeparator())
                    .append("  ")
                    .append(fault.path("pointer").asText(fault.path("parameter").asText()))
                    .append(' ')
                    .append(fault.path("detail").asText());
        }
        return reason.toString();
    }
}
