package io.deviceregistry.commandline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FilterInputStream;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The service's REST interface, as far as commands need it. */
final class RegistryApi {
    private static final String URL = "REGISTRY_URL";
    private static final String KEY = "REGISTRY_API_KEY";
    private static final String LOCAL = "http://localhost:8080";
    private static final int TOO_MANY_REQUESTS = 429;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** A service that is being restarted is there again by then. */
    private static final Duration RESTART = Duration.ofMinutes(2);

    private static final Duration RETRY_INTERVAL = Duration.ofMillis(500);
    private static final JsonMapper MAPPER = new JsonMapper();

    /** By HTTP/1.1, where the end of a stream that broke off is told from a real one whatever is between. */
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** Whatever it does between two bytes, and after the last one, it does much faster. */
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private static final Duration LOOK_INTERVAL = Duration.ofMillis(200);

    private final URI url;
    private final String key;
    private final Duration silence;

    private RegistryApi(URI url, String key, Duration silence) {
        this.url = url;
        this.key = key;
        this.silence = silence;
    }

    /**
     * @param url in place of the variable; null for the variable. With a path, the service is below that.
     * @throws RefusedException.Senseless if the address makes no sense, or a variable is missing
     */
    static RegistryApi of(Map<String, String> environment, @Nullable String url) {
        return of(environment, url, SILENCE);
    }

    /** @param silence for how long the service may neither take nor give anything of a stream */
    static RegistryApi of(Map<String, String> environment, @Nullable String url, Duration silence) {
        String key = environment.get(KEY);
        if (key == null) {
            throw new RefusedException.Senseless("Set " + KEY + " to a key with the scope that this needs.");
        }
        return new RegistryApi(
                address(url == null ? environment.getOrDefault(URL, LOCAL) : url, url == null ? URL : "--url"),
                key,
                silence);
    }

    /** Without a slash at its end. */
    private static URI address(String text, String name) {
        try {
            URI address = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (address.getHost() != null
                    && Set.of("http", "https").contains(address.getScheme())
                    && address.getRawQuery() == null
                    && address.getRawFragment() == null) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw new RefusedException.Senseless(name + " is not an address of the kind " + LOCAL + ".");
    }

    /** Where a path of the service is. */
    URI at(String path) {
        return URI.create(url + path);
    }

    /** Again and again for two minutes while the service does not answer: it may be restarting. */
    JsonNode getPatiently(String path) {
        long begun = System.nanoTime();
        while (true) {
            try {
                return get(path);
            } catch (RefusedException.Unavailable e) {
                if (System.nanoTime() - begun > RESTART.toNanos()) {
                    throw e;
                }
            }
            pause(RETRY_INTERVAL);
        }
    }

    /** Until it is time to ask again. */
    static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("Interrupted.");
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

    /**
     * Sends a stream of any length, for as long as that takes.
     *
     * @param size -1 if it is not known
     */
    JsonNode upload(String path, InputStream body, long size, String... headers) {
        TimedStream sent = new TimedStream(body);
        BodyPublisher stream = BodyPublishers.ofInputStream(() -> sent);
        HttpRequest request = request(path)
                .headers(headers)
                // One that is empty is sent as a stream, since no length of 0 can be announced.
                .POST(size > 0 ? BodyPublishers.fromPublisher(stream, size) : stream)
                .build();
        return json(awaited(http.sendAsync(request, BodyHandlers.ofString()), sent));
    }

    private <T> T awaited(CompletableFuture<T> answer, TimedStream sent) {
        try {
            while (true) {
                try {
                    return answer.get(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (sent.sinceRead().compareTo(silence) > 0) {
                        answer.cancel(true);
                        throw new RefusedException.Unavailable(url + " " + saidNothing());
                    }
                }
            }
        } catch (ExecutionException e) {
            throw new RefusedException.Unavailable(url + " does not answer: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("Interrupted.");
        }
    }

    private String saidNothing() {
        return "took nothing and said nothing for " + silence.toSeconds() + " s";
    }

    /**
     * An export as it arrives.
     *
     * @param changesCursor of the changes that are not in it
     * @param estimatedRows about how many will arrive; -1 if the service does not say
     */
    record Download(InputStream body, String changesCursor, long estimatedRows) {}

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
                    watched(answer.body()),
                    answer.headers().firstValue("Changes-Cursor").orElse(""),
                    answer.headers().firstValueAsLong("Estimated-Rows").orElse(-1));
        }
        try (InputStream body = answer.body()) {
            throw refusal(answer.statusCode(), MAPPER.readTree(body));
        } catch (IOException e) {
            throw noRegistry();
        }
    }

    /** The stream, which breaks off when a read of it takes too long. */
    private InputStream watched(InputStream body) {
        TimedStream read = new TimedStream(body) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                try {
                    return super.read(buffer, offset, length);
                } catch (IOException e) {
                    throw sinceBegun().compareTo(silence) > 0 ? new IOException(saidNothing(), e) : e;
                }
            }
        };
        Thread.ofVirtual().start(() -> {
            try {
                while (!read.isClosed()) {
                    Thread.sleep(LOOK_INTERVAL);
                    if (read.isReading() && read.sinceBegun().compareTo(silence) > 0) {
                        // Whoever reads it is told.
                        body.close();
                        return;
                    }
                }
            } catch (InterruptedException | IOException e) {
                // Then it is not watched any more.
            }
        });
        return read;
    }

    /** Knows when it was read. */
    private static class TimedStream extends FilterInputStream {
        private volatile boolean reading;
        private volatile boolean closed;
        private volatile long begun = System.nanoTime();
        private volatile long ended = begun;

        TimedStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            begun = System.nanoTime();
            reading = true;
            try {
                return super.read(buffer, offset, length);
            } finally {
                ended = System.nanoTime();
                reading = false;
            }
        }

        @Override
        public void close() throws IOException {
            closed = true;
            super.close();
        }

        boolean isClosed() {
            return closed;
        }

        boolean isReading() {
            return reading;
        }

        Duration sinceBegun() {
            return Duration.ofNanos(System.nanoTime() - begun);
        }

        /** None while it is read: what comes from elsewhere may come slowly. */
        Duration sinceRead() {
            return reading ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - ended);
        }
    }

    /** @throws RefusedException if the service refuses, or does not answer */
    private JsonNode call(String method, String path, BodyPublisher body) {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .method(method, body)
                .build();
        return json(send(request, BodyHandlers.ofString()));
    }

    private HttpRequest.Builder request(String path) {
        try {
            return HttpRequest.newBuilder(at(path)).header("X-Authorization", key);
        } catch (IllegalArgumentException e) {
            // The message may quote the key.
            throw new RefusedException.Senseless(KEY + " cannot be used in a request.");
        }
    }

    private JsonNode json(HttpResponse<String> answer) {
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
