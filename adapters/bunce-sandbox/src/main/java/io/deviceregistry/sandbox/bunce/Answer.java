package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;

/** @param body a {@link MissingNode} for an answer without one */
record Answer(int status, JsonNode body, Map<String, String> headers) {

    static Answer of(int status, JsonNode body) {
        return new Answer(status, body, Map.of());
    }

    static Answer empty() {
        return of(204, MissingNode.getInstance());
    }

    static Answer envelope(int status, String message, JsonNode data) {
        return of(
                status,
                Json.object().put("success", true).put("message", message).set("data", data));
    }

    static Answer error(int status, String message) {
        return of(status, Json.object().put("success", false).put("message", message));
    }

    static Answer throttled(Map<String, String> headers) {
        return new Answer(
                429, error(429, "You have reached maximum request limit.").body(), headers);
    }
}
