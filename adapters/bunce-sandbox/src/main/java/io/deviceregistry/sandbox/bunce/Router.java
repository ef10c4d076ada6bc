package io.deviceregistry.sandbox.bunce;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** @param routes the first one that fits is taken, so fixed segments stand before {@code {named}} ones */
record Router<H>(List<Route<H>> routes) {

    record Route<H>(String method, List<String> template, H handler) {

        static <H> Route<H> of(String method, String template, H handler) {
            return new Route<>(method, Target.segments(template), handler);
        }

        private Optional<Map<String, String>> fit(List<String> segments) {
            if (segments.size() != template.size()) {
                return Optional.empty();
            }
            Map<String, String> parameters = new HashMap<>();
            for (int i = 0; i < segments.size(); i++) {
                String expected = template.get(i);
                String segment = segments.get(i);
                if (expected.startsWith("{") && !segment.isEmpty()) {
                    parameters.put(expected.substring(1, expected.length() - 1), segment);
                } else if (!expected.equals(segment)) {
                    return Optional.empty();
                }
            }
            return Optional.of(parameters);
        }
    }

    record Found<H>(H handler, Map<String, String> parameters) {}

    /** @throws RefusedException with 404 for an unknown path, 405 for a known one with another method */
    Found<H> find(String method, List<String> segments) {
        List<String> allowed = new ArrayList<>();
        for (Route<H> route : routes) {
            Optional<Map<String, String>> parameters = route.fit(segments);
            if (parameters.isPresent()) {
                if (route.method().equals(method)) {
                    return new Found<>(route.handler(), parameters.get());
                }
                allowed.add(route.method());
            }
        }
        if (allowed.isEmpty()) {
            throw new RefusedException(404, "Route not found");
        }
        throw new RefusedException(
                405, "Method not allowed; this path knows " + String.join(", ", new TreeSet<>(allowed)));
    }
}
