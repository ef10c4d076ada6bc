package io.deviceregistry.commandline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The service's REST interface, as far as commands need it. */
final class RegistryApi {
    private static final String URL = "REGISTRY_URL";
    private static final String KEY = "REGISTRY_API_KEY";
    private static final String LOCAL = "http://localhost:8080";
    private static final int TOO_MANY_REQUESTS = 429;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper MAPPER = new JsonMapper();

    /** By HTTP/1.1, where the end of a stream that broke off is told from a real one whatever is between. */
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final URI url;
    private final String key;

    private RegistryApi(URI url, String key) {
        this.url = url;
        this.key = key;
    }

    /**
     * @param url in place of the variable; null for the variable
     * @throws RefusedException if a variable is missing or makes no sense
     */
    static RegistryApi of(Map<String, String> environment, @Nullable String url) {
        String key = environment.get(KEY);
        if (key == null) {
            throw new RefusedException("Set " + KEY + " to a key with the scope that this needs.");
        }
        try {
            return new RegistryApi(URI.create(url == null ? environment.getOrDefault(URL, LOCAL) : url), key);
        } catch (IllegalArgumentException e) {
            throw new RefusedException((url == null ? URL : "--url") + " is not an address.");
        }
    }

    /** Where a path of the service is. */
    URI at(String path) {
        return url.resolve(path);
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

    /** Sends a stream of any length, for as long as that takes. */
    JsonNode upload(String path, BodyPublisher body, String... headers) {
        return json(request(path).headers(headers).POST(body).build());
    }

    /** An export as it arrives, and the cursor of the changes that are not in it. */
    record Download(InputStream body, String changesCursor) {}

    /**
     * What the service answers with, as it arrives.
     *
     * @throws RefusedException if it refuses, or does not answer
     */
    Download download(String path, String accept) {
        HttpRequest request =
                request(path).header("Accept", accept).timeout(PATIENCE).GET().build();
        HttpResponse<InputStream> answer = send(request, BodyHandlers.ofInputStream());
        if (answer.statusCode() < 300) {
            return new Download(
                    answer.body(), answer.headers().firstValue("Changes-Cursor").orElse(""));
        }
        try (InputStream body = answer.body()) {
            throw refusal(answer.statusCode(), MAPPER.readTree(body));
        } catch (IOException e) {
            throw noRegistry();
        }
    }

    /** @throws RefusedException if the service refuses, or does not answer */
    private JsonNode call(String method, String path, BodyPublisher body) {
        return json(request(path)
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .method(method, body)
                .build());
    }

    private HttpRequest.Builder request(String path) {
        try {
            return HttpRequest.newBuilder(at(path)).header("X-Authorization", key);
        } catch (IllegalArgumentException e) {
            // The message may quote the key.
            throw new RefusedException(URL + " or " + KEY + " cannot be used in a request.");
        }
    }

    private JsonNode json(HttpRequest request) {
        HttpResponse<String> answer = send(request, BodyHandlers.ofString());
        try {
            JsonNode json = MAPPER.readTree(answer.body());
            if (answer.statusCode() >= 300) {
                throw refusal(answer.statusCode(), json);
            }
            return json;
        } catch (JsonProcessingException e) {
            throw noRegistry();
        }
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new RefusedException.Unavailable(url + " does not answer: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("Interrupted.");
        }
    }

    private RefusedException noRegistry() {
        return new RefusedException(url + " is not a device registry.");
    }

    private static RefusedException refusal(int status, JsonNode problem) {
        String reason = reason(status, problem);
        return status >= 500 || status == TOO_MANY_REQUESTS
                ? new RefusedException.Unavailable(reason)
                : new RefusedException(reason);
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
