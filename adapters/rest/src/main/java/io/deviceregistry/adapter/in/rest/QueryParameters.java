package io.deviceregistry.adapter.in.rest;

import io.deviceregistry.domain.InvalidValueException;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** The parameters of a request's query. One that is not known, or stands twice, is a fault: it may be a typing error. */
final class QueryParameters {
    private final MultivaluedMap<String, String> parameters;
    private final Faults faults;

    QueryParameters(UriInfo uri, Set<String> known, Faults faults) {
        this.parameters = uri.getQueryParameters();
        this.faults = faults;
        parameters.forEach((name, values) -> {
            if (!known.contains(name)) {
                faults.add(unknown(name));
            } else if (values.size() > 1) {
                faults.add(Fault.ofParameter(name, "must be given once"));
            }
        });
    }

    static Fault unknown(String name) {
        return Fault.ofParameter(name, "is not a parameter known here");
    }

    <T> Optional<T> value(String name, Function<String, T> parse) {
        return faults.optionalParameter(name, parameters.getFirst(name), parse);
    }

    /** Values between commas. */
    <T> Optional<List<T>> values(String name, int max, Function<String, T> parse) {
        return value(name, text -> {
            String[] parts = text.split(",", -1);
            if (parts.length > max) {
                throw new InvalidValueException("must have at most " + max + " values");
            }
            return Stream.of(parts).map(parse).toList();
        });
    }

    int limit(String name, int standard, int max) {
        return value(name, text -> {
                    if (!text.matches("[0-9]{1,6}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > max) {
                        throw new InvalidValueException("must be a whole number from 1 to " + max);
                    }
                    return Integer.valueOf(text);
                })
                .orElse(standard);
    }
}
