package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that found its handler. The body is read when asked for: some calls have none. */
record Call(
        Map<String, String> pathParameters, Map<String, String> query, String body, Behaviour behaviour, String now) {

    /** Works out an answer without changing anything. */
    @FunctionalInterface
    interface Handler {
        /** @throws RefusedException for a call that cannot be carried out */
        Outcome handle(Call call, State state);
    }

    String customerId() {
        String id = pathParameters.get("id");
        if (id == null) {
            throw new IllegalStateException("The route has no {id}.");
        }
        return id;
    }

    JsonNode json() {
        return Json.parse(body);
    }

    @Nullable String queryText(String name) {
        String value = query.get(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
