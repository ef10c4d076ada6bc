package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.deviceregistry.sandbox.bunce.Behaviour.AnswerShape;
import io.deviceregistry.sandbox.bunce.Behaviour.Fault;
import io.deviceregistry.sandbox.bunce.Behaviour.Refusal;
import io.deviceregistry.sandbox.bunce.Behaviour.Throttle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The behaviour as {@code /sandbox/behaviour} reads and writes it. An absent member has its normal value. A fault is
 * {@code {"kind", "chance", "times", "time_ms"}}; its chance is 1 and its time 0 if they are absent.
 */
final class BehaviourJson {

    private static final List<String> MEMBERS = List.of(
            "delay_ms",
            "refuse",
            "throttle",
            "strict_customers",
            "answer_shape",
            "requests_per_minute",
            "faults",
            "seed");

    private BehaviourJson() {}

    static ObjectNode write(Behaviour behaviour) {
        ObjectNode json = Json.object();
        json.put("delay_ms", behaviour.delay().toMillis());
        Refusal refusal = behaviour.refusal();
        if (refusal == null) {
            json.putNull("refuse");
        } else {
            json.putObject("refuse")
                    .put("times", refusal.times())
                    .put("status", refusal.status())
                    .put("message", refusal.message());
        }
        Throttle throttle = behaviour.throttle();
        if (throttle == null) {
            json.putNull("throttle");
        } else {
            json.putObject("throttle").put("times", throttle.times()).put("retry_after", throttle.retryAfter());
        }
        json.put("strict_customers", behaviour.strictCustomers());
        json.put("answer_shape", nameOf(behaviour.answerShape()));
        json.put("requests_per_minute", behaviour.requestsPerMinute());
        ArrayNode faults = json.putArray("faults");
        behaviour
                .faults()
                .forEach(fault -> faults.addObject()
                        .put("kind", nameOf(fault.kind()))
                        .put("chance", fault.chance())
                        .put("times", fault.times())
                        .put("time_ms", fault.time().toMillis()));
        json.put("seed", behaviour.seed());
        return json;
    }

    static Behaviour read(JsonNode json) {
        requireMembers(json, "the behaviour", MEMBERS);
        Behaviour normal = Behaviour.normal();
        try {
            return new Behaviour(
                    Duration.ofMillis(wholeNumber(json, "delay_ms", 0)),
                    refusal(json.path("refuse")),
                    throttle(json.path("throttle")),
                    flag(json, "strict_customers"),
                    shape(json.path("answer_shape")),
                    wholeNumber(json, "requests_per_minute", normal.requestsPerMinute()),
                    faults(json.path("faults")),
                    seed(json.path("seed")));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(400, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable Refusal refusal(JsonNode json) {
        if (json.isMissingNode() || json.isNull()) {
            return null;
        }
        requireMembers(json, "refuse", List.of("times", "status", "message"));
        return new Refusal(
                times(json), wholeNumber(json, "status", 503), text(json, "message", "Refused by the sandbox."));
    }

    private static @Nullable Throttle throttle(JsonNode json) {
        if (json.isMissingNode() || json.isNull()) {
            return null;
        }
        requireMembers(json, "throttle", List.of("times", "retry_after"));
        JsonNode retryAfter = json.path("retry_after");
        boolean absent = retryAfter.isMissingNode() || retryAfter.isNull();
        if (!absent && !retryAfter.isTextual() && !retryAfter.isIntegralNumber()) {
            throw new RefusedException(400, "retry_after must be text or a whole number.");
        }
        return new Throttle(times(json), absent ? null : retryAfter.asText());
    }

    private static List<Fault> faults(JsonNode json) {
        List<Fault> faults = new ArrayList<>();
        if (json.isMissingNode()) {
            return faults;
        }
        if (!json.isArray()) {
            throw new RefusedException(400, "faults must be an array.");
        }
        for (JsonNode fault : json) {
            requireMembers(fault, "a fault", List.of("kind", "chance", "times", "time_ms"));
            faults.add(new Fault(
                    oneOf(Fault.Kind.values(), "kind", fault.path("kind")),
                    chance(fault.path("chance")),
                    times(fault),
                    Duration.ofMillis(wholeNumber(fault, "time_ms", 0))));
        }
        return faults;
    }

    private static double chance(JsonNode json) {
        if (!json.isMissingNode() && !json.isNumber()) {
            throw new RefusedException(400, "chance must be a number.");
        }
        return json.asDouble(1);
    }

    private static long seed(JsonNode json) {
        if (!json.isMissingNode() && !(json.isIntegralNumber() && json.canConvertToLong())) {
            throw new RefusedException(400, "seed must be a whole number.");
        }
        return json.asLong(Behaviour.normal().seed());
    }

    private static AnswerShape shape(JsonNode json) {
        return json.isMissingNode() ? AnswerShape.DEVICES : oneOf(AnswerShape.values(), "answer_shape", json);
    }

    private static <E extends Enum<E>> E oneOf(E[] values, String name, JsonNode json) {
        return Arrays.stream(values)
                .filter(value -> nameOf(value).equals(json.asText()))
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        400,
                        name + " must be one of "
                                + Arrays.stream(values)
                                        .map(BehaviourJson::nameOf)
                                        .collect(Collectors.joining(", "))
                                + "."));
    }

    static String nameOf(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable Integer times(JsonNode json) {
        JsonNode times = json.path("times");
        return times.isMissingNode() || times.isNull() ? null : (Integer) wholeNumber(json, "times", 0);
    }

    private static int wholeNumber(JsonNode json, String name, int absent) {
        JsonNode value = json.path(name);
        if (value.isMissingNode()) {
            return absent;
        }
        if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < 0) {
            throw new RefusedException(400, name + " must be a whole number, 0 or more.");
        }
        return value.intValue();
    }

    private static String text(JsonNode json, String name, String absent) {
        JsonNode value = json.path(name);
        if (!value.isMissingNode() && !value.isTextual()) {
            throw new RefusedException(400, name + " must be text.");
        }
        return value.asText(absent);
    }

    private static boolean flag(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw new RefusedException(400, name + " must be true or false.");
        }
        return value.booleanValue();
    }

    private static void requireMembers(JsonNode json, String what, List<String> known) {
        if (!json.isObject()) {
            throw new RefusedException(400, what + " must be a JSON object.");
        }
        json.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new RefusedException(
                        400, "Unknown member of " + what + ": " + name + ". Known: " + String.join(", ", known) + ".");
            }
        });
    }
}
