package io.deviceregistry.sandbox.bunce;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A page of the customers, in the order of their creation. A cursor is opaque to the caller: the page's first index. */
final class CustomerPage {

    private static final int DEFAULT_SIZE = 50;
    private static final int LARGEST_SIZE = 500;

    private CustomerPage() {}

    static Outcome list(Call call, State state) {
        int size = pageSize(call.queryText("per_page"));
        int start = decode(call.queryText("cursor"));
        Predicate<@Nullable String> id = listed(call.queryText("customer_ids"));
        Predicate<@Nullable String> email = listed(call.queryText("emails"));
        List<Customer> matching = state.customers().stream()
                .filter(customer -> id.test(customer.customerId()) && email.test(customer.email()))
                .toList();

        ArrayNode data = Json.array();
        matching.stream()
                .skip(start)
                .limit(size)
                .forEach(customer -> data.add(customer.toJson(state.devicesOf(customer.customerId()))));
        boolean more = matching.size() > (long) start + size;
        boolean before = start > 0;
        ObjectNode body = Json.object().put("success", true).put("message", "Customers fetched successfully");
        body.set("data", data);
        body.putObject("meta")
                .put("has_next_page", more)
                .put("has_prev_page", before)
                .put("next_page_cursor", more ? encode(start + size) : null)
                .put("prev_page_cursor", before ? encode(Math.max(0, start - size)) : null)
                .put("per_page", size);
        return Outcome.unchanged(Answer.of(200, body));
    }

    /** Everything passes a filter that is not given. */
    private static Predicate<@Nullable String> listed(@Nullable String commaSeparated) {
        if (commaSeparated == null) {
            return any -> true;
        }
        Set<String> values = new HashSet<>(List.of(commaSeparated.split(",", -1)));
        return value -> value != null && values.contains(value);
    }

    private static int pageSize(@Nullable String text) {
        if (text == null) {
            return DEFAULT_SIZE;
        }
        if (!text.matches("[0-9]{1,4}")) {
            throw new RefusedException(422, "per_page must be a number");
        }
        return Math.clamp(Integer.parseInt(text), 1, LARGEST_SIZE);
    }

    private static String encode(int start) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(("from:" + start).getBytes(StandardCharsets.UTF_8));
    }

    private static int decode(@Nullable String cursor) {
        if (cursor == null) {
            return 0;
        }
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            if (text.matches("from:[0-9]{1,9}")) {
                return Integer.parseInt(text.substring("from:".length()));
            }
        } catch (IllegalArgumentException notBase64) {
            // Refused below, like any other text that was not handed out here.
        }
        throw new RefusedException(422, "cursor is not valid");
    }
}
