package io.deviceregistry.sandbox.bunce;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a request line points at, percent-decoded after it was taken apart: an id may contain {@code %2F}. */
record Target(List<String> segments, Map<String, String> query) {

    static Target of(URI uri) {
        return new Target(segments(uri.getRawPath()), query(uri.getRawQuery() == null ? "" : uri.getRawQuery()));
    }

    static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>();
        for (String segment : rawPath.substring(rawPath.startsWith("/") ? 1 : 0).split("/", -1)) {
            // Only in a query does a plus sign mean a space.
            segments.add(decode(segment.replace("+", "%2B")));
        }
        return List.copyOf(segments);
    }

    private static Map<String, String> query(String rawQuery) {
        Map<String, String> query = new HashMap<>();
        for (String pair : rawQuery.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return Map.copyOf(query);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
