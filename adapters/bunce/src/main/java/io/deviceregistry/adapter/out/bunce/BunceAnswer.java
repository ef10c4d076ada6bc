package io.deviceregistry.adapter.out.bunce;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.deviceregistry.application.port.out.ListsDevices.Listing;
import io.deviceregistry.application.port.out.ListsDevices.RemoteDevice;
import io.deviceregistry.application.port.out.Outcome;
import io.deviceregistry.domain.DeviceToken;
import io.deviceregistry.domain.DeviceType;
import io.deviceregistry.domain.InvalidValueException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One answer of Bunce, and what it means.
 *
 * <p>Three shapes of a success are known, and a bare array is accepted besides: {@code {"devices": [...]}}, the envelope
 * {@code {"success", "message", "data"}} of the introduction page, whose first member older documents call {@code
 * status}, and that envelope with {@code token} in place of {@code device_token}, from the Node client's types.
 */
final class BunceAnswer {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** Longer than any answer that says something. */
    private static final int MAX_BYTES = 1024 * 1024;

    /** The longest pause that is granted: nobody means a longer one, and nothing but the clock ends it. */
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    /** How long Bunce blocks an address after too many requests, by its pages. */
    private static final Duration DOCUMENTED_BLOCK = Duration.ofSeconds(60);

    /** So much of our key's beginning tells something of it. */
    private static final int TELLING_LENGTH = 8;

    private final int status;
    private final @Nullable String retryAfter;
    private final @Nullable String date;
    private final @Nullable JsonNode body;
    private final String apiKey;

    private BunceAnswer(int status, @Nullable String retryAfter, @Nullable String date, String text, String apiKey) {
        this.apiKey = apiKey;
        this.status = status;
        this.retryAfter = retryAfter;
        this.date = date;
        this.body = parsed(text);
    }

    /**
     * Reads the answer's body, or as much of it as an answer may have: what is cut off is unreadable.
     *
     * @param apiKey is not among the words that are kept, should Bunce quote it
     */
    static BunceAnswer of(Response response, String apiKey) throws IOException {
        byte[] body = {};
        if (response.hasEntity()) {
            try (InputStream stream = response.readEntity(InputStream.class)) {
                body = stream.readNBytes(MAX_BYTES);
            }
        }
        return new BunceAnswer(
                response.getStatus(),
                response.getHeaderString(HttpHeaders.RETRY_AFTER),
                response.getHeaderString(HttpHeaders.DATE),
                new String(body, StandardCharsets.UTF_8),
                apiKey);
    }

    private static @Nullable JsonNode parsed(String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            return node == null || node.isMissingNode() ? null : node;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** The outcome for all devices of a request; empty if it succeeded, and the body tells of each device. */
    Optional<Outcome.Failure> failure(InstantSource clock) {
        if (status >= 200 && status < 300) {
            if (body == null) {
                return Optional.of(new Outcome.Unconfirmed(words("an unreadable body")));
            }
            return saysNo() ? Optional.of(new Outcome.Rejected(words("Bunce said false"))) : Optional.empty();
        }
        return Optional.of(
                switch (status) {
                    case 401 -> new Outcome.Unauthorized(words("the key was not accepted"));
                    case 429 -> new Outcome.Throttled(pause(clock), words("too many requests"));
                    // Without Bunce's own body this is a wrong address, which says nothing of the customer.
                    case 404 ->
                        isBunces() ? new Outcome.CustomerUnknown(words("not found")) : unexpected("not Bunce's answer");
                    // Nor are these Bunce's refusals of a device where no JSON comes with them: a proxy's, say.
                    case 400, 409, 413, 422 ->
                        body != null && body.isObject()
                                ? new Outcome.Rejected(words("refused"))
                                : unexpected("not Bunce's answer");
                    default ->
                        status >= 500
                                ? new Outcome.Unconfirmed(words("the server failed"))
                                : unexpected("not an answer Bunce documents");
                });
    }

    private Outcome.Failure unexpected(String what) {
        return new Outcome.Unexpected(words(what + ": is registry.bunce.base-url right?"));
    }

    /** What became of one device of a creation that succeeded. Devices are matched by token, never by position. */
    Outcome created(DeviceToken token) {
        return array().stream()
                .flatMap(JsonNode::valueStream)
                .filter(device -> token(device).equals(token.value()))
                .findFirst()
                .<Outcome>map(device -> new Outcome.Accepted(remoteId(device)))
                .orElseGet(() -> new Outcome.Unconfirmed(words("the answer does not name the device")));
    }

    /** Whether Bunce does not offer what was asked for. */
    boolean isNotOffered() {
        return status == 404 || status == 405;
    }

    /** Whether what was to be made is there already. */
    boolean isConflict() {
        return status == 409;
    }

    /** All devices that a successful answer to the question for them lists, if it is such an answer. */
    Listing listing() {
        Optional<JsonNode> array = array();
        if (array.isEmpty()) {
            return new Listing.Failed(new Outcome.Unconfirmed(words("the answer lists nothing")));
        }
        if (Objects.requireNonNull(body).at("/meta/has_next_page").asBoolean()) {
            // How to ask for the rest is not known, and a part would look like all.
            return new Listing.NotOffered();
        }
        List<RemoteDevice> devices = new ArrayList<>();
        array.get().forEach(device -> {
            if (Tombstone.isOne(token(device))) {
                return;
            }
            try {
                devices.add(new RemoteDevice(remoteId(device), type(device), new DeviceToken(token(device))));
            } catch (InvalidValueException e) {
                // No token that the registry could have sent.
            }
        });
        return new Listing.Complete(devices);
    }

    private static String token(JsonNode device) {
        return device.path("device_token").asText(device.path("token").asText());
    }

    private static @Nullable String remoteId(JsonNode device) {
        return device.path("device_id").asText(null);
    }

    private static @Nullable DeviceType type(JsonNode device) {
        try {
            return new DeviceType(device.path("device_type").asText());
        } catch (InvalidValueException e) {
            return null;
        }
    }

    private Optional<JsonNode> array() {
        JsonNode root = Objects.requireNonNull(body);
        return Stream.of(root.path("devices"), root.path("data"), root)
                .filter(JsonNode::isArray)
                .findFirst();
    }

    private boolean saysNo() {
        return body != null
                && (isFalse(body)
                        || isFalse(body.path("success"))
                        || isFalse(body.path("status"))
                        || isFalse(body.path("data")));
    }

    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.booleanValue();
    }

    /** Whether the body is an error as Bunce words them. */
    private boolean isBunces() {
        return body != null && body.path("message").isTextual() && (body.has("success") || body.has("status"));
    }

    private String words(String otherwise) {
        String message = body == null ? "" : body.path("message").asText("");
        return "HTTP " + status + ": " + (message.isEmpty() ? otherwise : withoutKey(message));
    }

    /** Bunce may quote our key, or the beginning of it. */
    private String withoutKey(String text) {
        String masked = text;
        for (int length = apiKey.length(); length >= Math.min(TELLING_LENGTH, apiKey.length()); length--) {
            masked = masked.replace(apiKey.substring(0, length), "***");
        }
        return masked;
    }

    private Duration pause(InstantSource clock) {
        Duration asked = retryAfter == null ? DOCUMENTED_BLOCK : asked(retryAfter, sent(clock));
        return asked.compareTo(LONGEST_PAUSE) < 0 ? asked : LONGEST_PAUSE;
    }

    /** By Bunce's clock, if it tells the time: against ours, which may be off, a date could mean any pause. */
    private Instant sent(InstantSource clock) {
        try {
            return date == null ? clock.instant() : instant(date);
        } catch (DateTimeException e) {
            return clock.instant();
        }
    }

    private static Instant instant(String httpDate) {
        return ZonedDateTime.parse(httpDate.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
    }

    /** RFC 9110, 10.2.3: seconds or a date. */
    private static Duration asked(String retryAfter, Instant sent) {
        OptionalLong seconds = seconds(retryAfter.strip());
        if (seconds.isPresent()) {
            return Duration.ofSeconds(seconds.getAsLong());
        }
        try {
            Duration pause = Duration.between(sent, instant(retryAfter));
            return pause.isNegative() ? Duration.ZERO : pause;
        } catch (DateTimeException e) {
            return DOCUMENTED_BLOCK;
        }
    }

    private static OptionalLong seconds(String text) {
        // Nine digits are thirty years; more would be nonsense and overflow.
        return text.matches("\\d{1,9}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }
}
